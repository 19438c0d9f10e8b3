#ifndef GRADMATCH_MATCHER_PUSH_CRON_H_
#define GRADMATCH_MATCHER_PUSH_CRON_H_

#include <bitset>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace gradmatch {

// Times in China (UTC+8, no daylight saving) by an expression of cron:
//
//   minute 0-59, hour 0-23, day of the month 1-31, month 1-12 or JAN-DEC,
//   day of the week 0-7 or SUN-SAT (0 and 7 are Sunday)
//
// each *, a number, a range 1-5, a list 1,3,7-9, or any of them with a step
// (*/15, 9-17/2). Where both days are restricted, either will do, as cron has
// it; a field that begins with * does not restrict.
//
// Ours, since Debian has no C++ library for it. A value; immutable.
class CronExpression {
 public:
  // INVALID_ARGUMENT for what cannot be read, and for what never comes, such as
  // 30 February; the message says in Chinese which field and what is allowed.
  static absl::StatusOr<CronExpression> Parse(std::string_view text);

  // Whether the minute that `t` lies in is one of it.
  bool Matches(absl::Time t) const;
  // The first of its minutes after the one that `t` lies in.
  absl::Time Next(absl::Time t) const;
  // The last of its minutes that has begun at `t`.
  absl::Time Last(absl::Time t) const;

 private:
  CronExpression() = default;

  bool MatchesDay(absl::CivilDay day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;      // from 1
  std::bitset<13> months_;    // from 1
  std::bitset<7> weekdays_;   // from Sunday
  bool any_day_ = false;      // the field begins with *
  bool any_weekday_ = false;  // the same
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_CRON_H_
