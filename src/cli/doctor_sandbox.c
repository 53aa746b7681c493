/* A sandbox cannot be left, so a child tries it. */
#include "platform.h"
#include "cli/doctor_parts.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard/sandbox.h"

#define PROBLEM_BYTES 256

static const char untried[] = "it could not be tried";

/* The child's only words are the problem's, or none. */
static _Noreturn void try_it(enum sandbox_mode mode, int out)
{
	const char *problem = sandbox_enter(mode, NULL, 0);
	bool told = !problem || write(out, problem, strlen(problem)) > 0;

	_exit(problem || !told);
}

/* False when the child could not be asked. */
static bool try_apart(enum sandbox_mode mode, char problem[PROBLEM_BYTES])
{
	int ends[2];
	ssize_t got;
	pid_t child;
	int status;

	if (pipe(ends) != 0)
		return false;
	child = fork();
	if (child == 0)
		try_it(mode, ends[1]);
	close(ends[1]);
	got = child > 0 ? read(ends[0], problem, PROBLEM_BYTES - 1) : -1;
	close(ends[0]);
	problem[got > 0 ? got : 0] = '\0';
	/* what ends with a signal was not let do what it must */
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       (WEXITSTATUS(status) == 0) == (problem[0] == '\0');
}

void doctor_examine_sandbox(const struct check *check)
{
	const struct config *config = check->service->config;
	enum sandbox_mode mode = sandbox_mode_named(config->sandbox);
	struct origin origin = {config->path, 1};
	char problem[PROBLEM_BYTES];
	bool tried;

	if (mode == SANDBOX_OFF) {
		check_say(check, "sandbox", "off");
		return;
	}
	tried = try_apart(mode, problem);
	if (tried && !problem[0])
		check_say(check, "sandbox", "%s, and the kernel does it", config->sandbox);
	else if (mode == SANDBOX_STRICT)
		report_add(check->report, REPORT_ERROR, origin,
		    "sandbox = \"strict\": %s; castgate.fcgi answers 503 to everything",
		    tried ? problem : untried);
	else
		report_add(check->report, REPORT_WARNING, origin, "sandbox = \"%s\": %s",
		    config->sandbox, tried ? problem : untried);
}
