/* One shared flag for each worker. */
#include "platform.h"
#include "http/crew.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

struct crew {
	int count;
	_Atomic bool able[];
};

struct crew *crew_new(int count)
{
	size_t size = sizeof(struct crew) + (size_t)count * sizeof(_Atomic bool);
	struct crew *crew =
	    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (crew == MAP_FAILED)
		return NULL;
	crew->count = count;
	return crew;
}

void crew_vacate(struct crew *crew, int index)
{
	atomic_store(&crew->able[index], false);
}

bool crew_stands_aside(const struct crew_seat *seat, bool able)
{
	struct crew *crew = seat->crew;

	if (atomic_load(&crew->able[seat->index]) != able)
		atomic_store(&crew->able[seat->index], able);
	for (int i = 0; !able && i < crew->count; i++)
		if (i != seat->index && atomic_load(&crew->able[i]))
			return true;
	return false;
}
