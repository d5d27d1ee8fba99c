/*
 * A wire between two network namespaces, in user space, for kernels without netem: what is sent into one of two TUN
 * devices comes out of the other, later, and not all of it.
 *
 *   wire NAMESPACE1 DEVICE1 NAMESPACE2 DEVICE2 SEED
 *
 * Prints "ready" once both devices exist. A line "DELAY LOST" on stdin (microseconds in each direction; how many of a
 * million packets get lost) holds for all packets from then on, and is answered with "set". The wire ends with its
 * stdin, and the devices end with it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_PACKET 65536
/* What is on its way in one direction; a packet beyond it is lost, as in a router whose queue is full. */
#define MAX_UNDERWAY (32 * 1024 * 1024)
/* So many packets of one direction before the other one has its turn. */
#define PACKETS_A_TURN 64
#define MILLION 1000000

typedef struct packet {
	struct packet *next;
	int64_t due;
	size_t length;
	unsigned char bytes[];
} packet;

typedef struct {
	int from, to;
	packet *first, *last;
	size_t underway;
} direction;

static int64_t delay_ns;
static uint32_t lost_of_a_million;
static uint64_t chance;

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static int64_t now_ns(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 * MILLION + time.tv_nsec;
}

/* xorshift64*: the same packets get lost again with the same seed. */
static int is_lost(void) {
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return (chance * 0x2545F4914F6CDD1DULL >> 32) % MILLION < lost_of_a_million;
}

static int make_device(const char *namespace, const char *name) {
	char path[256];
	snprintf(path, sizeof path, "/var/run/netns/%s", namespace);
	int entrance = open(path, O_RDONLY | O_CLOEXEC);
	if (entrance < 0 || setns(entrance, CLONE_NEWNET) < 0) fail(path);
	close(entrance);
	int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (device < 0) fail("/dev/net/tun");
	struct ifreq request;
	memset(&request, 0, sizeof request);
	request.ifr_flags = IFF_TUN | IFF_NO_PI;
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(device, TUNSETIFF, &request) < 0) fail(name);
	return device;
}

/* A packet that a device does not take, because it is down, is lost like any other. */
static void deliver(int device, const unsigned char *bytes, size_t length) {
	if (write(device, bytes, length) < 0 && errno != EAGAIN && errno != EIO && errno != EINVAL) fail("write");
}

static void take_in(direction *way) {
	static unsigned char bytes[MAX_PACKET];
	for (int turn = 0; turn < PACKETS_A_TURN; turn++) {
		ssize_t length = read(way->from, bytes, sizeof bytes);
		if (length <= 0) return;
		if (is_lost() || way->underway + length > MAX_UNDERWAY) continue;
		if (delay_ns == 0 && way->first == NULL) {
			deliver(way->to, bytes, length);
			continue;
		}
		packet *taken = malloc(sizeof *taken + length);
		if (taken == NULL) fail("malloc");
		*taken = (packet){.next = NULL, .due = now_ns() + delay_ns, .length = length};
		memcpy(taken->bytes, bytes, length);
		if (way->last == NULL) way->first = taken;
		else way->last->next = taken;
		way->last = taken;
		way->underway += length;
	}
}

static void hand_out(direction *way) {
	int64_t now = now_ns();
	while (way->first != NULL && way->first->due <= now) {
		packet *arrived = way->first;
		deliver(way->to, arrived->bytes, arrived->length);
		way->first = arrived->next;
		if (way->first == NULL) way->last = NULL;
		way->underway -= arrived->length;
		free(arrived);
	}
}

/* Lines come whole: whoever writes them waits for the answer. */
static void obey(void) {
	char line[64];
	ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
	if (length <= 0) exit(0);
	line[length] = '\0';
	long delay_us;
	unsigned lost;
	if (sscanf(line, "%ld %u", &delay_us, &lost) != 2) {
		fprintf(stderr, "not a delay and a loss: %s", line);
		exit(2);
	}
	delay_ns = (int64_t)delay_us * 1000;
	lost_of_a_million = lost;
	puts("set");
	fflush(stdout);
}

int main(int count, char **words) {
	if (count != 6) {
		fprintf(stderr, "usage: wire NAMESPACE1 DEVICE1 NAMESPACE2 DEVICE2 SEED\n");
		return 2;
	}
	int one = make_device(words[1], words[2]);
	int other = make_device(words[3], words[4]);
	chance = strtoull(words[5], NULL, 10) * 0x9E3779B97F4A7C15ULL + 1;
	direction ways[2] = {{.from = one, .to = other}, {.from = other, .to = one}};
	struct pollfd polled[3] = {{one, POLLIN, 0}, {other, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
	puts("ready");
	fflush(stdout);
	for (;;) {
		int64_t due = INT64_MAX;
		for (int i = 0; i < 2; i++) {
			hand_out(&ways[i]);
			if (ways[i].first != NULL && ways[i].first->due < due) due = ways[i].first->due;
		}
		int64_t wait = due == INT64_MAX ? 0 : due - now_ns();
		if (wait < 0) wait = 0;
		struct timespec patience = {wait / (1000 * MILLION), wait % (1000 * MILLION)};
		if (ppoll(polled, 3, due == INT64_MAX ? NULL : &patience, NULL) < 0 && errno != EINTR) fail("poll");
		if (polled[2].revents != 0) obey();
		for (int i = 0; i < 2; i++) take_in(&ways[i]);
	}
}
