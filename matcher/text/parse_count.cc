#include "matcher/text/parse_count.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "matcher/text/scan.h"

namespace gradmatch {
namespace {

constexpr int kMaxHeadcount = 100'000;
constexpr int kFirstYear = 1980;
constexpr int kLastYear = 2100;

std::optional<int> ReadYear(std::string_view text, size_t& i) {
  size_t at = i;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  const std::string_view digits = text.substr(i, at - i);
  if (digits.size() != 4 && digits.size() != 2) return std::nullopt;
  int year = 0;
  for (const char c : digits) year = year * 10 + (c - '0');
  if (digits.size() == 2) year += 2000;
  if (year < kFirstYear || year > kLastYear) return std::nullopt;
  i = at;
  return year;
}

}  // namespace

Parsed<int> ParseHeadcount(std::string_view text) {
  const std::string form = CompactForm(text);
  if (form.empty()) return {};
  size_t i = 0;
  SkipAny(form, i, {"招聘人数", "招聘", "招收", "招", "共", "约"});
  SkipAny(form, i, {":"});
  const std::optional<double> low = ReadNumber(form, i);
  if (!low) {
    if (ContainsAny(form, {"若干", "多名", "多人", "数名", "不限", "数人"})) {
      return Uncertain(1, "人数未写明，按 1 人处理");
    }
    return {};
  }
  if (*low != std::floor(*low) || *low < 1 || *low > kMaxHeadcount) return {};
  const int count = static_cast<int>(*low);
  SkipAny(form, i, {"人", "名", "个", "位"});
  if (i == form.size()) return Certain(count);
  size_t at = i;
  if (SkipRangeSign(form, at) && ReadNumber(form, at)) {
    SkipAny(form, at, {"人", "名", "个", "位"});
    if (at == form.size())
      return Uncertain(count, "人数是范围，按最少的人数处理");
  }
  if (SkipAny(form, i, {"以上", "及以上", "左右", "+"}) && i == form.size()) {
    return Uncertain(count, "人数是约数，按写出的人数处理");
  }
  return {};
}

Parsed<GraduationYears> ParseGraduationYears(std::string_view text) {
  const std::string form = CompactForm(text);
  const bool about_graduation =
      ContainsAny(form, {"届", "毕业"}) ||
      std::all_of(form.begin(), form.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == '-' || c == ',' || c == '/' ||
               c == '~';
      });
  // 2025级 is a class, 高级 is none.
  if (form.empty() || (!about_graduation && !Contains(form, "级"))) return {};
  GraduationYears years;
  bool range_open = false;
  for (size_t i = 0; i < form.size();) {
    if (form[i] < '0' || form[i] > '9') {
      ++i;
      continue;
    }
    size_t at = i;
    const std::optional<int> year = ReadYear(form, at);
    if (!year) {
      while (i < form.size() && form[i] >= '0' && form[i] <= '9') ++i;
      continue;
    }
    const bool four = at - i == 4;
    const std::string_view rest = std::string_view(form).substr(at);
    size_t sign = at;
    const bool range = SkipRangeSign(form, sign);
    // Two digits are a year only before 届, or in a range that ends in one;
    // otherwise they are a month or a day.
    const bool counts = about_graduation
                            ? four || rest.starts_with("届") || range_open ||
                                  (range && Contains(rest, "届"))
                            : four && rest.starts_with("级");
    if (counts) {
      years.min = years.min == 0 ? *year : std::min(years.min, *year);
      years.max = std::max(years.max, *year);
      range_open = range;
    }
    i = at;
  }
  if (years.min == 0) return {};
  if (ContainsAny(form, {"接受", "可投", "可接", "优先", "欢迎", "均可", "也可",
                         "皆可", "亦可", "都可"})) {
    return Uncertain(years, "写的是欢迎的届别，不是限定");
  }
  return Certain(years);
}

}  // namespace gradmatch
