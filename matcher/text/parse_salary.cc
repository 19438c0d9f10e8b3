#include "matcher/text/parse_salary.h"

#include <cmath>
#include <string>
#include <utility>

#include "matcher/text/scan.h"

namespace gradmatch {
namespace {

constexpr double kDaysPerMonth = 21.75;
constexpr double kHoursPerDay = 8;
// No monthly pay lies below, none above is stated by the month.
constexpr double kLeastMonthly = 1'000;
constexpr double kMostMonthly = 500'000;
constexpr double kLeastDaily = 100;
constexpr double kLeastHourly = 10;
// "15-20万" without a period: by the month from here on it is not credible.
constexpr double kDoubtfulMonthly = 100'000;

double PerMonth(double value, SalaryPeriod period, int months) {
  switch (period) {
    case SalaryPeriod::kMonth:
      return value;
    case SalaryPeriod::kYear:
      return value / months;
    case SalaryPeriod::kDay:
      return value * kDaysPerMonth;
    case SalaryPeriod::kHour:
      return value * kHoursPerDay * kDaysPerMonth;
    case SalaryPeriod::kWeek:
      return value * 52 / 12;
  }
  return value;
}

Salary Make(std::optional<double> min, std::optional<double> max,
            SalaryPeriod period, int months) {
  const auto monthly = [&](double v) {
    return static_cast<int64_t>(std::llround(PerMonth(v, period, months)));
  };
  Salary salary;
  if (min) salary.min = monthly(*min);
  if (max) salary.max = monthly(*max);
  salary.months = months;
  salary.stated = period;
  return salary;
}

struct Amount {
  double value = 0;
  double unit = 0;  // 0: none was written
};

double ReadUnit(std::string_view text, size_t& i) {
  if (SkipAny(text, i, {"k", "千"})) return 1e3;
  if (SkipAny(text, i, {"w", "万"})) return 1e4;
  if (Skip(text, i, "百")) return 1e2;
  return 0;
}

std::optional<Amount> ReadAmount(std::string_view text, size_t& i) {
  SkipAny(text, i, {"¥", "rmb", "cny", "人民币"});
  const std::optional<double> number = ReadNumber(text, i);
  if (!number) return std::nullopt;
  Amount amount{*number, ReadUnit(text, i)};
  SkipAny(text, i, {"元人民币", "元", "块"});
  return amount;
}

std::optional<SalaryPeriod> FindPeriod(std::string_view text) {
  if (ContainsAny(text,
                  {"/年", "年薪", "每年", "/year", "一年", "元年", "万年"})) {
    return SalaryPeriod::kYear;
  }
  if (ContainsAny(text,
                  {"/天", "/日", "每天", "日薪", "/day", "一天", "日结"})) {
    return SalaryPeriod::kDay;
  }
  if (ContainsAny(
          text, {"/小时", "/时", "时薪", "每小时", "/hour", "/h", "一小时"})) {
    return SalaryPeriod::kHour;
  }
  if (ContainsAny(text, {"/周", "每周", "周薪"})) return SalaryPeriod::kWeek;
  if (ContainsAny(text, {"/月", "月薪", "每月", "/month", "一月"})) {
    return SalaryPeriod::kMonth;
  }
  return std::nullopt;
}

// Takes "14薪" or "*14" out of the text; 12 if there is none.
int TakeMonths(std::string& text) {
  for (std::string_view mark : {"个月薪", "薪"}) {
    const size_t at = text.find(mark);
    if (at == std::string::npos) continue;
    size_t first = at;
    while (first > 0 && text[first - 1] >= '0' && text[first - 1] <= '9')
      --first;
    if (at == first || at - first > 2) continue;
    const int months = std::stoi(text.substr(first, at - first));
    text.erase(first, at + mark.size() - first);
    if (months >= 12 && months <= 36) return months;
  }
  return 12;
}

}  // namespace

Parsed<Salary> ParseSalary(std::string_view text) {
  std::string form = CompactForm(text, 128);
  if (form.empty()) return {};
  const int months = TakeMonths(form);
  const std::optional<SalaryPeriod> period = FindPeriod(form);
  size_t i = form.find_first_of("0123456789");
  if (i == std::string::npos) {
    if (ContainsAny(form, {"面议", "面谈", "可谈", "negotiable"})) {
      Salary salary;
      salary.negotiable = true;
      return Certain(salary);
    }
    i = 0;  // "三千至五千" perhaps
    SkipAny(form, i, {"月薪", "年薪", "日薪", "时薪", "薪资", "薪酬", "工资"});
    SkipAny(form, i, {":"});
  }
  std::optional<Amount> low = ReadAmount(form, i);
  if (!low) return {};
  std::optional<Amount> high;
  size_t at = i;
  if (SkipRangeSign(form, at)) high = ReadAmount(form, at);
  if (high) i = at;
  // "25-50K": the unit at the end is the unit of both.
  if (high && low->unit == 0) low->unit = high->unit;
  if (high && high->unit == 0 && low->unit != 0 &&
      high->value < kLeastMonthly) {
    high->unit = low->unit;
  }
  const auto value = [](const Amount& a) {
    return a.unit == 0 ? a.value : a.value * a.unit;
  };
  const bool unit_given = low->unit != 0 || (high && high->unit != 0);
  std::optional<double> min = value(*low);
  std::optional<double> max = high ? value(*high) : value(*low);
  const std::string_view rest = std::string_view(form).substr(i);
  if (!high && ContainsAny(rest, {"以上", "起", "+"})) max.reset();
  if (!high && ContainsAny(rest, {"以下", "以内"})) min.reset();
  // Further numbers mean something we did not read.
  const bool more = rest.find_first_of("0123456789") != std::string_view::npos;
  const std::string note = more ? "薪资里还有没有读懂的数字" : "";
  const auto answer = [&](Salary salary) {
    return more ? Uncertain(salary, note) : Certain(salary);
  };
  if ((min && *min <= 0) || (max && *max <= 0)) return {};
  if (!period && !unit_given) return SalaryFromNumbers(min, max, months);
  if (min && max && *min > *max) {
    const double swapped = *min;
    min = *max;
    max = swapped;
    return Uncertain(
        Make(min, max, period.value_or(SalaryPeriod::kMonth), months),
        "薪资上下限颠倒，已对调");
  }
  if (!period && (min ? *min : *max) >= kDoubtfulMonthly) {
    return Uncertain(Make(min, max, SalaryPeriod::kYear, months),
                     "没有写周期，金额大，按年薪处理");
  }
  return answer(Make(min, max, period.value_or(SalaryPeriod::kMonth), months));
}

Parsed<Salary> SalaryFromNumbers(std::optional<double> min,
                                 std::optional<double> max,
                                 std::optional<int> months) {
  // 0 is "not stated", here and below.
  double low = min.value_or(0);
  double high = max.value_or(0);
  const auto sound = [](double v) { return v >= 0 && v < 1e9; };
  if ((low == 0 && high == 0) || !sound(low) || !sound(high)) return {};
  std::string note;
  if (low > high && high > 0) {
    std::swap(low, high);
    note = "薪资上下限颠倒，已对调";
  }
  int pays = months.value_or(12);
  if (pays < 1 || pays > 36) {
    pays = 12;
    note = "薪数不在 1 至 36 之间，按 12 处理";
  }
  const double top = high > 0 ? high : low;
  SalaryPeriod period = SalaryPeriod::kMonth;
  if (top < kLeastHourly) return {};
  if (top < kLeastDaily) {
    period = SalaryPeriod::kHour;
    note = "金额小于 100，按时薪处理";
  } else if (top < kLeastMonthly) {
    period = SalaryPeriod::kDay;
    note = "金额小于 1000，按日薪处理";
  } else if ((low > 0 ? low : high) > kMostMonthly) {
    period = SalaryPeriod::kYear;
    note = "金额大于 50 万，按年薪处理";
  } else if (low > 0 && low * 20 < top) {
    note = "薪资下限不到上限的二十分之一";
  }
  const auto stated = [](double v) {
    return v > 0 ? std::optional<double>(v) : std::nullopt;
  };
  const Salary salary = Make(stated(low), stated(high), period, pays);
  return note.empty() ? Certain(salary) : Uncertain(salary, note);
}

}  // namespace gradmatch
