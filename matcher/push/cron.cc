#include "matcher/push/cron.h"

#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/clock.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

// Whatever comes, comes again within the 8 years between two leap years around
// 2100.
constexpr int kMostDays = 8 * 366 + 1;

struct FieldSpec {
  const char* name;
  int least;
  int most;
  std::vector<const char*> words;  // of the values from `first_word` on
  int first_word;
};

const std::array<FieldSpec, 5>& Fields() {
  static const auto& fields = *new std::array<FieldSpec, 5>{
      FieldSpec{"分钟", 0, 59, {}, 0}, FieldSpec{"小时", 0, 23, {}, 0},
      FieldSpec{"日", 1, 31, {}, 0},
      FieldSpec{"月",
                1,
                12,
                {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP",
                 "OCT", "NOV", "DEC"},
                1},
      FieldSpec{
          "星期", 0, 7, {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, 0}};
  return fields;
}

std::optional<int> ReadValue(const FieldSpec& spec, absl::string_view text) {
  const std::string upper = absl::AsciiStrToUpper(text);
  for (size_t i = 0; i < spec.words.size(); ++i) {
    if (upper == spec.words[i]) return spec.first_word + static_cast<int>(i);
  }
  int value = 0;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") ==
                                           absl::string_view::npos;
  if (!digits || !absl::SimpleAtoi(text, &value)) return std::nullopt;
  if (value < spec.least || value > spec.most) return std::nullopt;
  return value;
}

// One member of a list: *, 5, 1-5, each with /2.
bool AddPart(const FieldSpec& spec, absl::string_view part,
             std::vector<bool>& values) {
  const std::vector<absl::string_view> steps = absl::StrSplit(part, '/');
  int step = 1;
  if (steps.size() > 2) return false;
  if (steps.size() == 2 && (!absl::SimpleAtoi(steps[1], &step) || step < 1 ||
                            step > spec.most || !isdigit(steps[1][0]))) {
    return false;
  }
  std::optional<int> from = spec.least, to = spec.most;
  if (steps[0] != "*") {
    const std::vector<absl::string_view> ends = absl::StrSplit(steps[0], '-');
    if (ends.size() > 2) return false;
    from = ReadValue(spec, ends[0]);
    to = ends.size() == 2    ? ReadValue(spec, ends[1])
         : steps.size() == 2 ? std::optional<int>(spec.most)
                             : from;
  }
  if (!from || !to || *from > *to) return false;
  for (int value = *from; value <= *to; value += step) values[value] = true;
  return true;
}

absl::Status Refuse(const FieldSpec& spec, absl::string_view field) {
  std::string allowed = absl::StrCat(spec.least, " 至 ", spec.most);
  if (!spec.words.empty()) {
    absl::StrAppend(&allowed, " 或 ", spec.words.front(), " 至 ",
                    spec.words.back());
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "五段 cron 表达式；其中“", spec.name, "”段 “", field, "” 不可用，应为 ",
      allowed, "，可用 *、范围 1-5、列表 1,3、步长 */2"));
}

absl::StatusOr<std::vector<bool>> ReadField(const FieldSpec& spec,
                                            absl::string_view field) {
  std::vector<bool> values(spec.most + 1);
  for (const absl::string_view part : absl::StrSplit(field, ',')) {
    if (!AddPart(spec, part, values)) return Refuse(spec, field);
  }
  return values;
}

absl::CivilMinute MinuteOf(absl::Time t) {
  return absl::ToCivilMinute(t, ChinaTime());
}

}  // namespace

absl::StatusOr<CronExpression> CronExpression::Parse(std::string_view text) {
  const std::vector<absl::string_view> fields =
      absl::StrSplit(A(text), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() != Fields().size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "五段 cron 表达式（分钟 小时 日 月 星期，北京时间），例如 \"0 2 * * "
        "*\" 为每天 2 点；此处有 ",
        fields.size(), " 段"));
  }
  std::array<std::vector<bool>, 5> values;
  for (size_t i = 0; i < fields.size(); ++i) {
    auto read = ReadField(Fields()[i], fields[i]);
    if (!read.ok()) return read.status();
    values[i] = *std::move(read);
  }
  CronExpression cron;
  for (int i = 0; i < 60; ++i) cron.minutes_[i] = values[0][i];
  for (int i = 0; i < 24; ++i) cron.hours_[i] = values[1][i];
  for (int i = 1; i <= 31; ++i) cron.days_[i] = values[2][i];
  for (int i = 1; i <= 12; ++i) cron.months_[i] = values[3][i];
  for (int i = 0; i <= 7; ++i) {
    if (values[4][i]) cron.weekdays_[i % 7] = true;
  }
  cron.any_day_ = fields[2][0] == '*';
  cron.any_weekday_ = fields[4][0] == '*';
  if (cron.Next(absl::UnixEpoch()) == absl::InfiniteFuture()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "会到来的时间；“", fields[2], "” 日不在 “", fields[3], "” 月之中"));
  }
  return cron;
}

bool CronExpression::MatchesDay(absl::CivilDay day) const {
  if (!months_[day.month()]) return false;
  // Monday is 0 there.
  const int weekday = (static_cast<int>(absl::GetWeekday(day)) + 1) % 7;
  const bool by_day = days_[day.day()];
  const bool by_weekday = weekdays_[weekday];
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

bool CronExpression::Matches(absl::Time t) const {
  const absl::CivilMinute minute = MinuteOf(t);
  return minutes_[minute.minute()] && hours_[minute.hour()] &&
         MatchesDay(absl::CivilDay(minute));
}

absl::Time CronExpression::Next(absl::Time t) const {
  const absl::CivilMinute after = MinuteOf(t);
  absl::CivilDay day(after);
  for (int i = 0; i < kMostDays; ++i, ++day) {
    if (!MatchesDay(day)) continue;
    for (int of_day = 0; of_day < 24 * 60; ++of_day) {
      if (!hours_[of_day / 60] || !minutes_[of_day % 60]) continue;
      const absl::CivilMinute minute = absl::CivilMinute(day) + of_day;
      if (minute > after) return absl::FromCivil(minute, ChinaTime());
    }
  }
  return absl::InfiniteFuture();
}

absl::Time CronExpression::Last(absl::Time t) const {
  const absl::CivilMinute at = MinuteOf(t);
  absl::CivilDay day(at);
  for (int i = 0; i < kMostDays; ++i, --day) {
    if (!MatchesDay(day)) continue;
    for (int of_day = 24 * 60 - 1; of_day >= 0; --of_day) {
      if (!hours_[of_day / 60] || !minutes_[of_day % 60]) continue;
      const absl::CivilMinute minute = absl::CivilMinute(day) + of_day;
      if (minute <= at) return absl::FromCivil(minute, ChinaTime());
    }
  }
  return absl::InfinitePast();
}

}  // namespace gradmatch
