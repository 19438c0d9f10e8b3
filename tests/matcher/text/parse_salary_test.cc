#include "matcher/text/parse_salary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gradmatch {
namespace {

using P = SalaryPeriod;

struct SalaryCase {
  std::string_view text;
  std::optional<int64_t> min;
  std::optional<int64_t> max;
  int months = 12;
  P stated = P::kMonth;
  bool certain = true;
};

TEST(ParseSalaryTest, UnderstandsTheFormsOfTheBoards) {
  for (const SalaryCase& c :
       {SalaryCase{"9K-16K·14薪", 9000, 16000, 14},
        {"25-50K", 25000, 50000},
        {"1-1.5万", 10000, 15000},
        {"8千-1万", 8000, 10000},
        {"8千-1.2万·13薪", 8000, 12000, 13},
        {"200元/天", 4350, 4350, 12, P::kDay},
        {"150-200元/天", 3263, 4350, 12, P::kDay},
        {"15-20万/年", 12500, 16667, 12, P::kYear},
        {"年薪30万", 25000, 25000, 12, P::kYear},
        {"8000-10000元/月", 8000, 10000},
        {"8,000-10,000", 8000, 10000},
        {"6000~8000", 6000, 8000},
        {"1万以上", 10000, std::nullopt},
        {"5K以下", std::nullopt, 5000},
        {"12000", 12000, 12000},
        {"20元/小时", 3480, 3480, 12, P::kHour},
        {"１０Ｋ－１５Ｋ", 10000, 15000},
        {"0.8-1.2万", 8000, 12000},
        {"三千至五千", 3000, 5000},
        {"月薪8k起", 8000, std::nullopt},
        {"15-20万", 12500, 16667, 12, P::kYear, false},
        {"120-150", 2610, 3263, 12, P::kDay, false},
        {"20K-10K", 10000, 20000, 12, P::kMonth, false}}) {
    const auto got = ParseSalary(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(got.value->min, c.min)
        << c.text << " " << got.value->min.value_or(-1);
    EXPECT_EQ(got.value->max, c.max)
        << c.text << " " << got.value->max.value_or(-1);
    EXPECT_EQ(got.value->months, c.months) << c.text;
    EXPECT_EQ(got.value->stated, c.stated) << c.text;
    EXPECT_EQ(got.certain, c.certain) << c.text << " " << got.note;
    EXPECT_EQ(got.note.empty(), c.certain) << c.text;
  }
  const auto open = ParseSalary("薪资面议");
  ASSERT_TRUE(open.understood());
  EXPECT_TRUE(open.value->negotiable);
  EXPECT_FALSE(open.value->min || open.value->max);
}

TEST(ParseSalaryTest, SaysWhenItDoesNotUnderstand) {
  const std::string long_text(1 << 20, '1');
  for (std::string_view text :
       {std::string_view(""), std::string_view("高薪"), std::string_view("0"),
        std::string_view("5"), std::string_view("\xFF"), std::string_view("K"),
        std::string_view(long_text)}) {
    EXPECT_FALSE(ParseSalary(text).understood()) << text.substr(0, 20);
  }
}

struct NumbersCase {
  std::string_view name;
  std::optional<double> min;
  std::optional<double> max;
  std::optional<int> months;
  std::optional<int64_t> want_min;
  std::optional<int64_t> want_max;
  P stated = P::kMonth;
  bool certain = true;
};

TEST(SalaryFromNumbersTest, ReadsWhatFeedsGive) {
  for (const NumbersCase& c :
       {NumbersCase{"Plain", 6001, 8000, {}, 6001, 8000},
        {"MinOnly", 6000, {}, 13, 6000, {}},
        {"ZeroIsNotStated", 0, 8000, {}, {}, 8000},
        {"Daily", 150, 200, {}, 3263, 4350, P::kDay, false},
        {"Hourly", 20, 25, {}, 3480, 4350, P::kHour, false},
        {"Yearly", 600'000, 900'000, {}, 50'000, 75'000, P::kYear, false},
        {"Swapped", 9000, 6000, {}, 6000, 9000, P::kMonth, false},
        {"FarApart", 100, 9000, {}, 100, 9000, P::kMonth, false},
        {"OddMonths", 6000, 9000, 99, 6000, 9000, P::kMonth, false}}) {
    const auto got = SalaryFromNumbers(c.min, c.max, c.months);
    ASSERT_TRUE(got.understood()) << c.name;
    EXPECT_EQ(got.value->min, c.want_min) << c.name;
    EXPECT_EQ(got.value->max, c.want_max) << c.name;
    EXPECT_EQ(got.value->stated, c.stated) << c.name;
    EXPECT_EQ(got.certain, c.certain) << c.name;
  }
  EXPECT_FALSE(SalaryFromNumbers({}, {}, 12).understood());
  EXPECT_FALSE(SalaryFromNumbers(0, 0, 12).understood());
  EXPECT_FALSE(SalaryFromNumbers(-5, 8000, 12).understood());
  EXPECT_FALSE(SalaryFromNumbers(5, 8, 12).understood());
  EXPECT_FALSE(SalaryFromNumbers(std::nan(""), 8000, 12).understood());
  EXPECT_FALSE(SalaryFromNumbers(1e300, 1e301, 12).understood());
}

}  // namespace
}  // namespace gradmatch
