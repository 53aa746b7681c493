/* Years that begin in March have their odd day last, and 400 of them are always as long. */
#include "platform.h"
#include "base/calendar.h"

#define DAYS_OF_400_YEARS 146097
/* From 1 March of the year 0 to 1 January 1970. */
#define EPOCH 719468

/* Days of a year from March on that lie before a month, March being 0. */
static int days_before(int month)
{
	return (153 * month + 2) / 5;
}

static int64_t days_of_years(int64_t years)
{
	return 365 * years + years / 4 - years / 100 + years / 400;
}

int64_t calendar_number(struct calendar_day day)
{
	/* 400 more, so that no year is negative */
	int64_t year = day.year + 400 - (day.month <= 2);
	int month = (day.month + 9) % 12;

	return days_of_years(year) + days_before(month) + day.day - 1 - EPOCH - DAYS_OF_400_YEARS;
}

struct calendar_day calendar_day(int64_t number)
{
	int64_t days = number + EPOCH + DAYS_OF_400_YEARS;
	int64_t year = days * 400 / DAYS_OF_400_YEARS;
	int left;
	int month;

	/* an average year is never so wrong that its neighbour is not right */
	if (days_of_years(year) > days)
		year--;
	else if (days_of_years(year + 1) <= days)
		year++;
	left = (int)(days - days_of_years(year));
	month = (5 * left + 2) / 153;
	return (struct calendar_day){.year = (int)year - 400 + (month >= 10),
	    .month = month < 10 ? month + 3 : month - 9,
	    .day = left - days_before(month) + 1};
}
