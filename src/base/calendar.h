/* Which day is so many days after 1 January 1970, and the other way round? */
#ifndef CASTGATE_BASE_CALENDAR_H
#define CASTGATE_BASE_CALENDAR_H

#include <stdint.h>

/* A day of the Gregorian calendar, also before there was one. Months and days count from 1. */
struct calendar_day {
	int year;
	int month;
	int day;
};

/* The C library's timegm and gmtime_r do the same, but read the machine's time zone from its file at their first
 * call, which a plain CGI program would do for each request. Both are right for the years 0 to 9999. A day that
 * its month does not have is one of the next: it does not come back as it was. No allocation. */
int64_t calendar_number(struct calendar_day day);
struct calendar_day calendar_day(int64_t number);

#endif
