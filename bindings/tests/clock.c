/* A wall clock that tests put forward: preloaded (LD_PRELOAD), it stands before the C library's own. Offline PINs are
 * shown for 15 seconds at least and live for a week; nobody waits for that. The monotonic clock stays as it is. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

static atomic_long ahead;

/* How many seconds the wall clock is ahead of the real one. */
void put_clock_ahead(long seconds) {
    ahead = seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (status == 0 && clock == CLOCK_REALTIME) now->tv_sec += ahead;
    return status;
}
