/*
 * A peer for interoperation tests on QXmpp 1.4: files by XEP-0096 over XEP-0065 and XEP-0047.
 * Options and lines are those of all peers here: see test/support/foreign-program.ts.
 */

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTimer>
#include <QXmppClient.h>
#include <QXmppConfiguration.h>
#include <QXmppLogger.h>
#include <QXmppTransferManager.h>
#include <cstdio>

using Job = QXmppTransferJob;

namespace {

void tell(const char *event, QJsonObject values = {}) {
  values["event"] = event;
  std::puts(QJsonDocument(values).toJson(QJsonDocument::Compact).constData());
  std::fflush(stdout);
}

void tellFailed(const QString &reason) { tell("failed", {{"reason", reason}}); }

void tellDone(const QString &path) {
  QFile file(path);
  QCryptographicHash hash(QCryptographicHash::Sha256);
  if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file)) return tellFailed("unreadable");
  tell("done", {{"path", path}, {"bytes", file.size()}, {"sha256", QString(hash.result().toHex())}});
}

QString nameOf(Job::Method method) {
  if (method == Job::SocksMethod) return "http://jabber.org/protocol/bytestreams";
  return method == Job::InBandMethod ? "http://jabber.org/protocol/ibb" : "";
}

QString nameOf(Job::Error error) {
  switch (error) {
    case Job::AbortError: return "aborted";
    case Job::FileAccessError: return "file access";
    case Job::FileCorruptError: return "corrupt";
    case Job::ProtocolError: return "protocol";
    default: return "";
  }
}

}  // namespace

int main(int argc, char **argv) {
  QCoreApplication app(argc, argv);
  QCommandLineParser options;
  for (const char *name : {"jid", "server", "to", "send", "receive", "methods", "proxy", "cancel-after"}) {
    options.addOption({name, name, "value"});
  }
  for (const char *name : {"proxy-only", "decline", "close-without-answer", "no-size"}) {
    options.addOption({name, name});
  }
  options.process(app);

  QXmppClient client;
  if (qEnvironmentVariableIsSet("PEER_DEBUG")) client.logger()->setLoggingType(QXmppLogger::StdoutLogging);
  auto *manager = new QXmppTransferManager;
  client.addExtension(manager);
  const QStringList methods = options.isSet("methods") ? options.value("methods").split(',') : QStringList{"socks5", "ibb"};
  Job::Methods supported;
  if (methods.contains("socks5")) supported |= Job::SocksMethod;
  if (methods.contains("ibb")) supported |= Job::InBandMethod;
  manager->setSupportedMethods(supported);
  // It looks for no proxy by itself.
  manager->setProxy(options.value("proxy"));
  manager->setProxyOnly(options.isSet("proxy-only"));

  const qint64 cancelAfter = options.isSet("cancel-after") ? options.value("cancel-after").toLongLong() : -1;
  const auto follow = [&](Job *job, const QString &path) {
    QObject::connect(job, &Job::progress, job, [=](qint64 done, qint64) {
      tell("progress", {{"bytes", done}});
      // Not in the middle of its own reading or writing.
      if (cancelAfter >= 0 && done >= cancelAfter) QTimer::singleShot(0, job, [=] { job->abort(); });
    });
    QObject::connect(job, &Job::finished, &app, [=, &app] {
      const Job::Error error = job->error();
      const bool sends = job->direction() == Job::OutgoingDirection;
      // Only what follows its destruction finds its file written to the end.
      QObject::connect(job, &QObject::destroyed, &app, [=, &app] {
        QTimer::singleShot(0, &app, [=] {
          if (error == Job::NoError) tellDone(path);
          else tellFailed(nameOf(error));
          if (sends) QCoreApplication::exit(error == Job::NoError ? 0 : 1);
        });
      });
      job->deleteLater();
    });
  };

  // Of a session that just breaks the server tells nobody: it waits for its return (stream management).
  const auto leave = [&] {
    QObject::connect(&client, &QXmppClient::disconnected, &app, [] { QCoreApplication::exit(1); });
    client.disconnectFromServer();
  };

  QObject::connect(manager, &QXmppTransferManager::fileReceived, &app, [&](Job *job) {
    QJsonObject offer{{"name", job->fileName()}, {"method", nameOf(job->method())}};
    if (job->fileSize() > 0) offer["size"] = job->fileSize();
    tell("offered", offer);
    if (options.isSet("close-without-answer")) return leave();
    const QString path = QDir(options.value("receive")).filePath(QFileInfo(job->fileName()).fileName());
    follow(job, path);
    if (options.isSet("decline")) job->abort();
    else job->accept(path);
  });

  const auto send = [&] {
    const QString path = options.value("send");
    Job *job;
    if (options.isSet("no-size")) {
      auto *file = new QFile(path, &app);
      if (!file->open(QIODevice::ReadOnly)) return QCoreApplication::exit(2);
      QXmppTransferFileInfo about;
      about.setName(QFileInfo(path).fileName());
      job = manager->sendFile(options.value("to"), file, about);
    } else {
      job = manager->sendFile(options.value("to"), path);
    }
    QObject::connect(job, &Job::stateChanged, &app, [=, &options, &leave](Job::State state) {
      if (state != Job::StartState) return;
      tell("accepted", {{"method", nameOf(job->method())}});
      if (options.isSet("close-without-answer")) leave();
    });
    follow(job, path);
  };
  QObject::connect(&client, &QXmppClient::connected, &app, [&] {
    tell("online", {{"jid", client.configuration().jid()}});
    if (options.isSet("send")) send();
  });
  QObject::connect(&client, &QXmppClient::error, &app, [&] {
    tellFailed("not signed in");
    QCoreApplication::exit(1);
  });

  const QStringList place = options.value("server").split(':');
  QXmppConfiguration configuration;
  configuration.setJid(options.value("jid"));
  configuration.setPassword(qEnvironmentVariable("PEER_PASSWORD"));
  configuration.setHost(place.value(0));
  configuration.setPort(place.value(1).toInt());
  configuration.setStreamSecurityMode(QXmppConfiguration::TLSRequired);
  // The certificates of test servers are made by nobody whom it knows.
  configuration.setIgnoreSslErrors(true);
  configuration.setAutoReconnectionEnabled(false);
  client.connectToServer(configuration);
  return QCoreApplication::exec();
}
