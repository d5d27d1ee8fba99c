/*
 * A peer for interoperation tests on libpurple 2: files by XEP-0096 over XEP-0065 and XEP-0047, as Pidgin has them.
 * Options and lines are those of all peers here: see test/support/foreign-program.ts.
 *
 * libpurple chooses the method by itself (both offered, SOCKS5 preferred) and always says the size.
 */

#include <errno.h>
#include <purple.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#define UI "plumb-test-peer"

static struct {
  char *jid, *server, *to, *send, *receive, *methods, *proxy;
  gboolean decline, close_without_answer, no_size, proxy_only;
  gint64 cancel_after;
} options = {.cancel_after = -1};

static GMainLoop *loop;
static int exit_status = 1;
static gboolean is_sent = FALSE;

/* Lines */

static void print_text(const char *key, const char *text) {
  printf(", \"%s\": \"", key);
  for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') printf("\\%c", *c);
    else if (*c < 0x20) printf("\\u%04x", *c);
    else putchar(*c);
  }
  putchar('"');
}

static void begin(const char *event) { printf("{\"event\": \"%s\"", event); }

static void end(void) {
  puts("}");
  fflush(stdout);
}

static void tell_failed(const char *reason) {
  begin("failed");
  print_text("reason", reason);
  end();
}

static void tell_done(const char *path) {
  gchar *content;
  gsize length;
  if (!g_file_get_contents(path, &content, &length, NULL)) return tell_failed("unreadable");
  gchar *sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)content, length);
  begin("done");
  print_text("path", path);
  printf(", \"bytes\": %" G_GSIZE_FORMAT, length);
  print_text("sha256", sha256);
  end();
  g_free(sha256);
  g_free(content);
}

/* GLib's main loop for libpurple */

typedef struct {
  PurpleInputFunction function;
  gpointer data;
} Input;

static gboolean on_input(GIOChannel *channel, GIOCondition condition, gpointer data) {
  Input *input = data;
  PurpleInputCondition is = 0;
  if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) is |= PURPLE_INPUT_READ;
  if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL)) is |= PURPLE_INPUT_WRITE;
  input->function(input->data, g_io_channel_unix_get_fd(channel), is);
  return TRUE;
}

static guint add_input(gint fd, PurpleInputCondition condition, PurpleInputFunction function, gpointer data) {
  Input *input = g_new0(Input, 1);
  input->function = function;
  input->data = data;
  GIOCondition wanted = 0;
  if (condition & PURPLE_INPUT_READ) wanted |= G_IO_IN | G_IO_HUP | G_IO_ERR;
  if (condition & PURPLE_INPUT_WRITE) wanted |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
  GIOChannel *channel = g_io_channel_unix_new(fd);
  guint id = g_io_add_watch_full(channel, G_PRIORITY_DEFAULT, wanted, on_input, input, g_free);
  g_io_channel_unref(channel);
  return id;
}

static PurpleEventLoopUiOps event_loop = {
    .timeout_add = g_timeout_add,
    .timeout_remove = g_source_remove,
    .input_add = add_input,
    .input_remove = g_source_remove,
    .timeout_add_seconds = g_timeout_add_seconds,
};

/* Transfers */

static void leave(int status) {
  exit_status = status;
  g_main_loop_quit(loop);
}

static void on_progress(PurpleXfer *xfer, double percent) {
  gint64 bytes = purple_xfer_get_bytes_sent(xfer);
  begin("progress");
  printf(", \"bytes\": %" G_GINT64_FORMAT, bytes);
  end();
  if (options.cancel_after >= 0 && bytes >= options.cancel_after && !purple_xfer_is_canceled(xfer)) {
    purple_xfer_cancel_local(xfer);
  }
}

/* It tells of the end before it writes the file to the end. */
static gboolean check_closed(gpointer data) {
  PurpleXfer *xfer = data;
  if (xfer->dest_fp != NULL) return TRUE;
  tell_done(purple_xfer_get_local_filename(xfer));
  if (purple_xfer_get_type(xfer) == PURPLE_XFER_SEND) leave(0);
  purple_xfer_unref(xfer);
  return FALSE;
}

static void on_complete(PurpleXfer *xfer, gpointer data) {
  purple_xfer_ref(xfer);
  g_timeout_add(5, check_closed, xfer);
}

static void on_cancel(PurpleXfer *xfer, const char *reason) {
  tell_failed(reason);
  if (purple_xfer_get_type(xfer) == PURPLE_XFER_SEND) leave(1);
}

static void on_cancel_local(PurpleXfer *xfer) { on_cancel(xfer, "cancelled"); }

static void on_cancel_remote(PurpleXfer *xfer) { on_cancel(xfer, "cancelled by the other side"); }

static PurpleXferUiOps transfers = {
    .update_progress = on_progress,
    .cancel_local = on_cancel_local,
    .cancel_remote = on_cancel_remote,
};

static gboolean deny(gpointer data) {
  purple_xfer_request_denied(data);
  tell_failed("declined");
  return FALSE;
}

static void on_offer(PurpleXfer *xfer, gpointer data) {
  begin("offered");
  print_text("name", purple_xfer_get_filename(xfer));
  if (purple_xfer_get_size(xfer) > 0) printf(", \"size\": %zu", purple_xfer_get_size(xfer));
  end();
  if (options.close_without_answer) _exit(1);
  if (options.decline) {
    /* As with a dialog: only after it was asked. Whoever cancels here leaves the other side without an answer. */
    g_idle_add(deny, xfer);
    return;
  }
  gchar *name = g_path_get_basename(purple_xfer_get_filename(xfer));
  gchar *path = g_build_filename(options.receive, name, NULL);
  purple_xfer_request_accepted(xfer, path);
  g_free(path);
  g_free(name);
}

static void on_send_start(PurpleXfer *xfer, gpointer data) {
  begin("accepted");
  end();
}

/* The account */

static gboolean send_file(gpointer data) {
  serv_send_file(data, options.to, options.send);
  return FALSE;
}

/* It knows no full JID that it has not seen. */
static gboolean on_presence(PurpleConnection *connection, const char *type, const char *from, xmlnode *presence) {
  if (options.to != NULL && type == NULL && !is_sent && purple_strequal(from, options.to)) {
    is_sent = TRUE;
    g_idle_add(send_file, connection);
  }
  return FALSE;
}

static void on_signed_on(PurpleConnection *connection, gpointer data) {
  begin("online");
  print_text("jid", options.jid);
  end();
}

static void on_connection_error(PurpleConnection *connection, PurpleConnectionError error, const char *text, gpointer data) {
  tell_failed(text);
  leave(1);
}

/* The certificates of test servers are made by nobody whom it knows. */
static void trust(PurpleCertificateVerificationRequest *request) {
  purple_certificate_verify_complete(request, PURPLE_CERTIFICATE_VALID);
}

static void forget(PurpleCertificateVerificationRequest *request) {}

static PurpleCertificateVerifier trusting = {
    .scheme_name = "x509",
    .name = "tls_cached",
    .start_verification = trust,
    .destroy_request = forget,
};

static void trust_everybody(void) {
  PurpleCertificateVerifier *strict = purple_certificate_find_verifier("x509", "tls_cached");
  if (strict != NULL) purple_certificate_unregister_verifier(strict);
  purple_certificate_register_verifier(&trusting);
}

/* It would ask routers, the network and name servers for its address as soon as it starts. */
static void keep_to_loopback(void) {
  purple_prefs_add_none("/purple");
  purple_prefs_add_none("/purple/network");
  purple_prefs_add_bool("/purple/network/auto_ip", FALSE);
  purple_prefs_add_bool("/purple/network/map_ports", FALSE);
  purple_prefs_add_string("/purple/network/public_ip", "127.0.0.1");
  purple_prefs_add_string("/purple/network/stun_server", "127.0.0.1");
}

static PurpleCoreUiOps core = {.ui_prefs_init = keep_to_loopback};

/* With the only port that it may listen on taken, it has no streamhost but the proxy. */
static void refuse_direct(void) {
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
  socklen_t length = sizeof address;
  int taken = socket(AF_INET6, SOCK_STREAM, 0);
  if (taken < 0 || bind(taken, (struct sockaddr *)&address, length) < 0 || listen(taken, 1) < 0 ||
      getsockname(taken, (struct sockaddr *)&address, &length) < 0) {
    perror("a port of its own");
    exit(2);
  }
  purple_prefs_set_bool("/purple/network/ports_range_use", TRUE);
  purple_prefs_set_int("/purple/network/ports_range_start", ntohs(address.sin6_port));
  purple_prefs_set_int("/purple/network/ports_range_end", ntohs(address.sin6_port));
}

static void sign_in(void) {
  gchar **place = g_strsplit(options.server, ":", 2);
  PurpleAccount *account = purple_account_new(options.jid, "prpl-jabber");
  purple_account_set_password(account, g_getenv("PEER_PASSWORD"));
  purple_account_set_string(account, "connect_server", place[0]);
  purple_account_set_int(account, "port", atoi(place[1]));
  purple_account_set_string(account, "connection_security", "require_tls");
  /* Otherwise it knows a proxy on the internet. The server's own is found by service discovery. */
  purple_account_set_string(account, "ft_proxies", "");
  purple_accounts_add(account);
  purple_account_set_enabled(account, UI, TRUE);
  purple_savedstatus_activate(purple_savedstatus_new(NULL, PURPLE_STATUS_AVAILABLE));
  g_strfreev(place);
}

int main(int argc, char **argv) {
  const GOptionEntry entries[] = {
      {"jid", 0, 0, G_OPTION_ARG_STRING, &options.jid},
      {"server", 0, 0, G_OPTION_ARG_STRING, &options.server},
      {"to", 0, 0, G_OPTION_ARG_STRING, &options.to},
      {"send", 0, 0, G_OPTION_ARG_FILENAME, &options.send},
      {"receive", 0, 0, G_OPTION_ARG_FILENAME, &options.receive},
      {"methods", 0, 0, G_OPTION_ARG_STRING, &options.methods},
      {"proxy", 0, 0, G_OPTION_ARG_STRING, &options.proxy},
      {"proxy-only", 0, 0, G_OPTION_ARG_NONE, &options.proxy_only},
      {"decline", 0, 0, G_OPTION_ARG_NONE, &options.decline},
      {"cancel-after", 0, 0, G_OPTION_ARG_INT64, &options.cancel_after},
      {"close-without-answer", 0, 0, G_OPTION_ARG_NONE, &options.close_without_answer},
      {"no-size", 0, 0, G_OPTION_ARG_NONE, &options.no_size},
      {NULL},
  };
  GError *error = NULL;
  GOptionContext *context = g_option_context_new(NULL);
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error)) {
    fprintf(stderr, "%s\n", error->message);
    return 2;
  }
  if (options.no_size || (options.methods != NULL && !purple_strequal(options.methods, "socks5,ibb"))) {
    fprintf(stderr, "libpurple can do neither: choose the methods, or leave the size out.\n");
    return 2;
  }

  signal(SIGPIPE, SIG_IGN);
  purple_debug_set_enabled(g_getenv("PEER_DEBUG") != NULL);
  purple_core_set_ui_ops(&core);
  purple_eventloop_set_ui_ops(&event_loop);
  purple_xfers_set_ui_ops(&transfers);
  if (!purple_core_init(UI)) return 2;
  purple_set_blist(purple_blist_new());
  trust_everybody();
  if (options.proxy_only) refuse_direct();

  static int handle;
  PurplePlugin *jabber = purple_find_prpl("prpl-jabber");
  if (jabber == NULL) {
    fprintf(stderr, "libpurple has no XMPP here.\n");
    return 2;
  }
  purple_signal_connect(jabber, "jabber-receiving-presence", &handle, PURPLE_CALLBACK(on_presence), NULL);
  purple_signal_connect(purple_connections_get_handle(), "signed-on", &handle, PURPLE_CALLBACK(on_signed_on), NULL);
  purple_signal_connect(
      purple_connections_get_handle(), "connection-error", &handle, PURPLE_CALLBACK(on_connection_error), NULL
  );
  purple_signal_connect(purple_xfers_get_handle(), "file-recv-request", &handle, PURPLE_CALLBACK(on_offer), NULL);
  purple_signal_connect(purple_xfers_get_handle(), "file-recv-complete", &handle, PURPLE_CALLBACK(on_complete), NULL);
  purple_signal_connect(purple_xfers_get_handle(), "file-send-start", &handle, PURPLE_CALLBACK(on_send_start), NULL);
  purple_signal_connect(purple_xfers_get_handle(), "file-send-complete", &handle, PURPLE_CALLBACK(on_complete), NULL);

  loop = g_main_loop_new(NULL, FALSE);
  sign_in();
  g_main_loop_run(loop);
  purple_core_quit();
  return exit_status;
}
