#include "matcher/text/parse_experience.h"

#include <cmath>
#include <string>

#include "matcher/text/scan.h"

namespace gradmatch {
namespace {

constexpr double kMaxYears = 50;

// Months of one unit at text[i] (moved behind it); 0 if there is none.
int ReadUnit(std::string_view text, size_t& i) {
  if (SkipAny(text, i, {"年", "years", "year", "yrs"})) return 12;
  if (SkipAny(text, i, {"个月", "月", "months", "month"})) return 1;
  return 0;
}

}  // namespace

Parsed<Experience> ExperienceFromYears(double years) {
  if (!(years >= 0 && years <= kMaxYears)) return {};
  Experience e;
  e.min_months = static_cast<int>(std::lround(years * 12));
  return Certain(e);
}

Parsed<Experience> ParseExperience(std::string_view text) {
  const std::string form = CompactForm(text);
  if (form.empty()) return {};
  Experience e;
  e.fresh_graduates = ContainsAny(form, {"应届", "在校", "毕业生", "实习生"});
  // The first number that is not the year of a class ("2026届").
  size_t i = 0;
  std::optional<double> low;
  for (; i < form.size() && !low; ++i) {
    if ((static_cast<unsigned char>(form[i]) & 0xC0) == 0x80) continue;
    if (form.compare(i, 6, "半年") == 0) {
      e.min_months = 6;
      return Certain(e);
    }
    size_t at = i;
    const std::optional<double> number = ReadNumber(form, at);
    if (!number) continue;
    if (*number > 1900) {
      i = at;
      continue;
    }
    low = number;
    i = at - 1;
  }
  if (!low) {
    if (e.fresh_graduates ||
        ContainsAny(form, {"不限", "无需", "无要求", "无经验", "不要求",
                           "无限制", "不需要"})) {
      return Certain(e);
    }
    return {};
  }
  int unit = ReadUnit(form, i);
  std::optional<double> high;
  size_t at = i;
  if (SkipRangeSign(form, at)) high = ReadNumber(form, at);
  if (high) {
    i = at;
    const int high_unit = ReadUnit(form, i);
    if (unit == 0) unit = high_unit;
    if (high_unit != 0 && unit != high_unit) {
      *high *= static_cast<double>(high_unit) / unit;
    }
  }
  const bool bare = unit == 0;
  // A number without its unit is a number of years only if nothing else stands
  // beside it.
  if (bare && i != form.size()) return {};
  if (bare) unit = 12;
  if (*low * unit > kMaxYears * 12 || (high && *high < *low)) return {};
  e.min_months = static_cast<int>(std::lround(*low * unit));
  if (high) e.max_months = static_cast<int>(std::lround(*high * unit));
  const std::string_view rest = std::string_view(form).substr(i);
  if (!high && ContainsAny(rest, {"以下", "以内", "及以下"})) {
    e.max_months = e.min_months;
    e.min_months = 0;
  }
  return Certain(e);
}

}  // namespace gradmatch
