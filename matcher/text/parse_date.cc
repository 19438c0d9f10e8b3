#include "matcher/text/parse_date.h"

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "matcher/text/normalize.h"
#include "matcher/text/scan.h"

namespace gradmatch {
namespace {

struct Read {
  absl::Time time;
  bool date_only = false;
};

// Exactly `digits` digits at text[i], or up to `digits` if `fewer`.
std::optional<int> ReadDigits(std::string_view text, size_t& i, int digits,
                              bool fewer) {
  int value = 0;
  int n = 0;
  size_t at = i;
  while (n < digits && at < text.size() && text[at] >= '0' && text[at] <= '9') {
    value = value * 10 + (text[at] - '0');
    ++at;
    ++n;
  }
  if (n == 0 || (n < digits && !fewer)) return std::nullopt;
  i = at;
  return value;
}

// "z", "+08:00", "+0800", "+8": seconds east of UTC.
std::optional<int> ReadZone(std::string_view text, size_t& i) {
  if (Skip(text, i, "z") || Skip(text, i, "utc")) return 0;
  const int sign = Skip(text, i, "+") ? 1 : Skip(text, i, "-") ? -1 : 0;
  if (sign == 0) return std::nullopt;
  const std::optional<int> hours = ReadDigits(text, i, 2, true);
  if (!hours || *hours > 14) return std::nullopt;
  Skip(text, i, ":");
  size_t at = i;
  int minutes = 0;
  if (const std::optional<int> m = ReadDigits(text, at, 2, false)) {
    if (*m > 59) return std::nullopt;
    minutes = *m;
    i = at;
  }
  return sign * (*hours * 3600 + minutes * 60);
}

std::optional<absl::CivilDay> ReadDay(std::string_view text, size_t& i) {
  size_t at = i;
  const std::optional<int> year = ReadDigits(text, at, 4, false);
  if (!year) return std::nullopt;
  const bool compact = at < text.size() && text[at] >= '0' && text[at] <= '9';
  if (!compact && !SkipAny(text, at, {"-", "/", ".", "年"}))
    return std::nullopt;
  const std::optional<int> month = ReadDigits(text, at, 2, !compact);
  if (!month) return std::nullopt;
  if (!compact && !SkipAny(text, at, {"-", "/", ".", "月"}))
    return std::nullopt;
  const std::optional<int> day = ReadDigits(text, at, 2, !compact);
  if (!day) return std::nullopt;
  SkipAny(text, at, {"日", "号"});
  const absl::CivilDay civil(*year, *month, *day);
  // CivilDay rolls 31 June over to 1 July: that is not what was written.
  if (civil.month() != *month || civil.day() != *day) return std::nullopt;
  i = at;
  return civil;
}

std::optional<Read> ReadStamp(std::string_view text) {
  size_t i = 0;
  const std::optional<absl::CivilDay> day = ReadDay(text, i);
  if (!day) return std::nullopt;
  if (i == text.size()) {
    return Read{absl::FromCivil(absl::CivilSecond(*day), ChinaTime()), true};
  }
  if (!SkipAny(text, i, {"t", " "})) return std::nullopt;
  const std::optional<int> hour = ReadDigits(text, i, 2, true);
  if (!hour || !Skip(text, i, ":")) return std::nullopt;
  const std::optional<int> minute = ReadDigits(text, i, 2, false);
  if (!minute) return std::nullopt;
  int second = 0;
  absl::Duration fraction;
  if (Skip(text, i, ":")) {
    const std::optional<int> s = ReadDigits(text, i, 2, false);
    if (!s) return std::nullopt;
    second = *s;
    if (Skip(text, i, ".")) {
      absl::Duration unit = absl::Milliseconds(100);
      const size_t first = i;
      for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        fraction += (text[i] - '0') * unit;
        unit /= 10;
      }
      if (i == first) return std::nullopt;
    }
  }
  if (*hour > 23 || *minute > 59 || second > 60) return std::nullopt;
  absl::TimeZone zone = ChinaTime();
  Skip(text, i, " ");
  if (i < text.size()) {
    const std::optional<int> offset = ReadZone(text, i);
    if (!offset || i != text.size()) return std::nullopt;
    zone = absl::FixedTimeZone(*offset);
  }
  const absl::CivilSecond civil =
      absl::CivilSecond(*day) + *hour * 3600 + *minute * 60 + second;
  return Read{absl::FromCivil(civil, zone) + fraction, false};
}

std::optional<Read> ReadUnix(std::string_view text) {
  if (!AllDigits(text) || (text.size() != 10 && text.size() != 13)) {
    return std::nullopt;
  }
  int64_t value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return Read{text.size() == 10 ? absl::FromUnixSeconds(value)
                                : absl::FromUnixMillis(value),
              false};
}

Parsed<absl::Time> Parse(std::string_view text, bool end_of_day) {
  if (text.size() > 256) return {};
  const std::string form = MatchingForm(text);
  std::optional<Read> read = ReadStamp(form);
  if (!read) read = ReadUnix(form);
  if (!read) return {};
  if (read->date_only && end_of_day) {
    read->time += absl::Hours(24) - absl::Seconds(1);
  }
  const int64_t year = absl::ToCivilYear(read->time, ChinaTime()).year();
  if (year < 1990 || year > 2100) {
    return Uncertain(read->time, "年份不在 1990 至 2100 之间，可能是缺省值");
  }
  return Certain(read->time);
}

}  // namespace

absl::TimeZone ChinaTime() { return absl::FixedTimeZone(8 * 3600); }

Parsed<absl::Time> ParseDate(std::string_view text) {
  return Parse(text, /*end_of_day=*/false);
}

Parsed<absl::Time> ParseDeadline(std::string_view text) {
  return Parse(text, /*end_of_day=*/true);
}

}  // namespace gradmatch
