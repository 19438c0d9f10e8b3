#include "matcher/push/cron.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "index/base/clock.h"

namespace gradmatch {
namespace {

absl::Time At(const std::string& text) {
  absl::CivilMinute minute;
  EXPECT_TRUE(absl::ParseLenientCivilTime(text, &minute)) << text;
  return absl::FromCivil(minute, ChinaTime());
}

std::string Text(absl::Time t) {
  return absl::FormatTime("%Y-%m-%d %H:%M", t, ChinaTime());
}

struct Case {
  const char* expression;
  const char* after;
  const char* next;
};

// What people write, and what they mean by it; dates looked up in a calendar.
TEST(CronTest, KnownTimes) {
  const Case cases[] = {
      {"0 2 * * *", "2026-03-01T01:59", "2026-03-01 02:00"},
      {"0 2 * * *", "2026-03-01T02:00", "2026-03-02 02:00"},
      {"*/15 9-17 * * MON-FRI", "2026-03-06T17:45", "2026-03-09 09:00"},
      {"30 6 1,15 * *", "2026-03-01T06:30", "2026-03-15 06:30"},
      {"0 0 29 2 *", "2026-03-01T00:00", "2028-02-29 00:00"},
      {"0 0 31 * *", "2026-03-31T00:00", "2026-05-31 00:00"},
      {"0 8 * * 0", "2026-03-01T08:00", "2026-03-08 08:00"},
      {"0 8 * * 7", "2026-03-01T08:00", "2026-03-08 08:00"},
      {"0 8 * jan sun", "2026-03-01T08:00", "2027-01-03 08:00"},
      // Either day will do when both are given: the 13th, or a Friday.
      {"0 0 13 * FRI", "2026-03-01T00:00", "2026-03-06 00:00"},
      {"0 0 13 * FRI", "2026-04-10T00:00", "2026-04-13 00:00"},
      {"59 23 31 12 *", "2026-12-31T23:59", "2027-12-31 23:59"},
      {"5/20 * * * *", "2026-03-01T00:05", "2026-03-01 00:25"},
      {"0 2 * * *", "2026-02-28T23:59", "2026-03-01 02:00"},
  };
  for (const Case& c : cases) {
    const auto cron = CronExpression::Parse(c.expression);
    ASSERT_TRUE(cron.ok()) << c.expression << cron.status();
    EXPECT_EQ(Text(cron->Next(At(c.after))), c.next)
        << c.expression << " after " << c.after;
  }
}

TEST(CronTest, RefusesAndSaysWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "五段"},
      {"0 2 * *", "五段"},
      {"0 2 * * * *", "五段"},
      {"60 2 * * *", "分钟"},
      {"0 24 * * *", "小时"},
      {"0 2 0 * *", "日"},
      {"0 2 32 * *", "日"},
      {"0 2 * 13 *", "月"},
      {"0 2 * * 8", "星期"},
      {"a 2 * * *", "分钟"},
      {"-1 2 * * *", "分钟"},
      {"+1 2 * * *", "分钟"},
      {"5-1 2 * * *", "分钟"},
      {"*/0 2 * * *", "分钟"},
      {"*/ 2 * * *", "分钟"},
      {"1,,2 2 * * *", "分钟"},
      {"1-2-3 2 * * *", "分钟"},
      {"1/2/3 2 * * *", "分钟"},
      {"*/60 2 * * *", "分钟"},
      {"0 2 * FOO *", "月"},
      {"0 2 30 2 *", "2"},
      {"0 2 31 4,6,9,11 *", "31"},
      {"@daily", "五段"},
      {"0 2 * * ?", "星期"},
      {"0 2 L * *", "日"}};
  for (const auto& [expression, where] : cases) {
    const auto cron = CronExpression::Parse(expression);
    ASSERT_FALSE(cron.ok()) << expression;
    EXPECT_TRUE(absl::StrContains(cron.status().message(), where))
        << expression << ": " << cron.status().message();
  }
}

// The oracle: fields as sets, read in the plainest way there is, and minute by
// minute through the years. Written without a look at cron.cc.
class Oracle {
 public:
  explicit Oracle(const std::string& expression) {
    const std::vector<std::string> fields = absl::StrSplit(expression, ' ');
    for (size_t i = 0; i < 5; ++i) fields_.push_back(Values(fields[i], i));
    day_star_ = fields[2][0] == '*';
    weekday_star_ = fields[4][0] == '*';
  }
  bool Matches(absl::Time t) const {
    const absl::CivilMinute m = absl::ToCivilMinute(t, ChinaTime());
    const int days =
        static_cast<int>(absl::CivilDay(m) - absl::CivilDay(1970, 1, 1));
    const int weekday = (days + 4) % 7;  // 1970-01-01 was a Thursday
    const bool day = fields_[2][m.day()], week = fields_[4][weekday];
    const bool both = day_star_ || weekday_star_ ? day && week : day || week;
    return fields_[0][m.minute()] && fields_[1][m.hour()] &&
           fields_[3][m.month()] && both;
  }

 private:
  static std::vector<bool> Values(const std::string& field, size_t which) {
    const int least[] = {0, 0, 1, 1, 0}, most[] = {59, 23, 31, 12, 7};
    std::vector<bool> values(60);
    const std::vector<std::string> parts = absl::StrSplit(field, ',');
    for (const std::string& part : parts) {
      int from = least[which], to = most[which], step = 1;
      const std::vector<std::string> steps = absl::StrSplit(part, '/');
      if (steps.size() == 2) {
        EXPECT_TRUE(absl::SimpleAtoi(steps[1], &step));
      }
      if (steps[0] != "*") {
        const std::vector<std::string> ends = absl::StrSplit(steps[0], '-');
        EXPECT_TRUE(absl::SimpleAtoi(ends[0], &from));
        to = from;
        if (ends.size() == 2) {
          EXPECT_TRUE(absl::SimpleAtoi(ends[1], &to));
        }
      }
      for (int v = from; v <= to; v += step) {
        values[which == 4 && v == 7 ? 0 : v] = true;
      }
    }
    return values;
  }

  std::vector<std::vector<bool>> fields_;
  bool day_star_ = false, weekday_star_ = false;
};

std::string RandomField(std::mt19937& rng, int least, int most, bool often) {
  const auto pick = [&rng](int a, int b) {
    return std::uniform_int_distribution<>(a, b)(rng);
  };
  if (pick(0, 3) == 0) return "*";
  if (often) return absl::StrCat("*/", pick(1, std::min(most, 20)));
  std::string field;
  for (int i = pick(1, 3); i > 0; --i) {
    const int from = pick(least, most);
    const int to = pick(from, most);
    absl::StrAppend(&field, field.empty() ? "" : ",", from);
    if (to > from && pick(0, 1) == 1) {
      absl::StrAppend(&field, "-", to);
      if (pick(0, 1) == 1) absl::StrAppend(&field, "/", pick(1, 5));
    }
  }
  return field;
}

TEST(CronTest, AgreesWithTheOracleMinuteByMinute) {
  std::mt19937 rng(20'260'301);
  int matched = 0;
  for (int round = 0; round < 120; ++round) {
    const std::string expression = absl::StrCat(
        RandomField(rng, 0, 59, round % 2 == 0), " ",
        RandomField(rng, 0, 23, round % 3 == 0), " ",
        RandomField(rng, 1, 28, false), " ", RandomField(rng, 1, 12, false),
        " ", RandomField(rng, 0, 7, false));
    SCOPED_TRACE(expression);
    const auto cron = CronExpression::Parse(expression);
    ASSERT_TRUE(cron.ok()) << cron.status();
    const Oracle oracle(expression);
    // Forty days from somewhere in four years; the clock somewhere in a minute.
    const absl::Time begin =
        At("2026-01-01T00:00") +
        absl::Minutes(std::uniform_int_distribution<>(0, 4 * 525'600)(rng));
    absl::Time last = cron->Last(begin);
    absl::Time next = cron->Next(begin);
    for (int i = 0; i < 40 * 1'440; ++i) {
      const absl::Time t = begin + absl::Minutes(i);
      const bool matches = oracle.Matches(t);
      ASSERT_EQ(cron->Matches(t), matches) << Text(t);
      if (i > 0 && matches) {
        ASSERT_EQ(next, t) << Text(next) << " for " << Text(t);
        ++matched;
      }
      if (matches) last = t;
      if (matches || i % 997 == 0) {
        ASSERT_EQ(cron->Last(t + absl::Seconds(59)), last) << Text(t);
        next = cron->Next(t + absl::Seconds(30));
        ASSERT_GT(next, t);
      }
    }
  }
  EXPECT_GT(matched, 3'000);
}

}  // namespace
}  // namespace gradmatch
