/* Steps in the order in which they were taken, in memory that no decision shares. */
#include "platform.h"
#include "base/trace.h"

struct trace_step *trace_add(struct trace *trace, enum trace_kind kind)
{
	struct trace_step *step = arena_alloc(trace->arena, sizeof(*step));

	if (!step) {
		trace->truncated = true;
		trace->lost = (struct trace_step){.kind = kind};
		return &trace->lost;
	}
	step->kind = kind;
	if (trace->last)
		trace->last->next = step;
	else
		trace->first = step;
	trace->last = step;
	return step;
}

void trace_note(
    struct trace *trace, enum trace_kind kind, struct text subject, struct verdict verdict)
{
	struct trace_step *step;

	if (!trace)
		return;
	step = trace_add(trace, kind);
	step->subject = subject;
	step->verdict = verdict;
}

struct named_value *trace_copy(struct trace *trace, const struct named_value *values, size_t count)
{
	struct named_value *copy = arena_array(trace->arena, count + 1, sizeof(*copy));

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = values[i];
		copy[i].name.data =
		    arena_copy(trace->arena, values[i].name.data, values[i].name.length);
		if (!copy[i].name.data)
			copy[i].name = TEXT("?");
	}
	trace->truncated = trace->truncated || !copy;
	return copy;
}
