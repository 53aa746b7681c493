/* A web server that is killed outright cannot end its responders; the kernel can. */
#include "platform.h"
#include "http/keeper.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct keeper keeper_of(int listen_fd, long long now, int patience)
{
	struct keeper keeper = {0};
	struct ucred maker = {0};
	socklen_t length = sizeof(maker);

	/* of a listening socket these are the credentials of who called listen, see unix(7) */
	if (getsockopt(listen_fd, SOL_SOCKET, SO_PEERCRED, &maker, &length) == 0 && maker.pid > 1 &&
	    maker.pid == getppid())
		keeper = (struct keeper){maker.pid, now + patience};
	return keeper;
}

int keeper_tend(struct keeper *keeper, long long now)
{
	if (keeper->pid && getppid() == keeper->pid) {
		if (now < keeper->stays_at)
			return (int)(keeper->stays_at - now);
		/* it may end between the question and the wish; then the signal is ours to send */
		if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() != keeper->pid)
			(void)raise(SIGTERM);
	}
	keeper->pid = 0;
	return -1;
}
