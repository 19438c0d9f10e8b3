// The parsers and the encoder over the 47,289 real postings.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "index/codes/code_table.h"
#include "matcher/hash_encoder.h"
#include "matcher/text/normalize.h"
#include "matcher/text/parse_date.h"
#include "matcher/text/parse_degree.h"
#include "matcher/text/parse_experience.h"
#include "matcher/text/parse_function.h"
#include "matcher/text/parse_place.h"
#include "matcher/text/parse_salary.h"
#include "tests/support/real_postings.h"

namespace gradmatch {
namespace {

const std::vector<RealPosting>& Postings() {
  static const auto* const postings =
      new std::vector<RealPosting>(ReadRealPostings());
  return *postings;
}

std::optional<double> Number(const RealPosting& posting,
                             const std::string& key) {
  const std::string& text = Field(posting, key);
  if (text.empty()) return std::nullopt;
  return std::strtod(text.c_str(), nullptr);
}

// Share of the rows with `key` that `understands`.
template <typename F>
double Share(const std::string& key, F&& understands) {
  size_t total = 0, understood = 0;
  for (const RealPosting& p : Postings()) {
    if (Field(p, key).empty()) continue;
    ++total;
    understood += understands(p, Field(p, key));
  }
  EXPECT_GT(total, 10'000u) << key;
  return static_cast<double>(understood) / static_cast<double>(total);
}

bool IsCity(std::string_view code) {
  const CodeEntry* entry = CodeTable::Get("region")->Find(code);
  // The four municipalities are cities, though provinces by code.
  return entry->level >= 2 || code == "110000" || code == "120000" ||
         code == "310000" || code == "500000" || code.starts_with("8");
}

TEST(RealTextTest, ReadsAllRows) { EXPECT_EQ(Postings().size(), 47'289u); }

TEST(RealTextTest, UnderstandsTheFields) {
  EXPECT_GE(Share("学历",
                  [](const RealPosting&, const std::string& text) {
                    return ParseDegree(text).certain;
                  }),
            0.99);
  EXPECT_GE(Share("所需经验",
                  [](const RealPosting&, const std::string& text) {
                    return ParseExperience(text).certain;
                  }),
            0.99);
  EXPECT_GE(Share("地区",
                  [](const RealPosting&, const std::string& text) {
                    const auto got = ParsePlaces(text);
                    return got.certain && !got.value->codes.empty() &&
                           IsCity(got.value->codes.front());
                  }),
            0.99);
  EXPECT_GE(Share("最低薪资",
                  [](const RealPosting& p, const std::string&) {
                    return SalaryFromNumbers(Number(p, "最低薪资"),
                                             Number(p, "最高薪资"),
                                             std::nullopt)
                        .understood();
                  }),
            0.99);
  EXPECT_GE(Share("首次发布时间",
                  [](const RealPosting&, const std::string& text) {
                    return ParseDate(text).certain;
                  }),
            0.99);
  EXPECT_GE(Share("职位",
                  [](const RealPosting&, const std::string& text) {
                    return ParseFunctions(text).understood();
                  }),
            0.95);
}

TEST(RealTextTest, NormalisesEveryDescriptionOnce) {
  for (const RealPosting& p : Postings()) {
    const std::string& text = Field(p, "职位描述");
    const auto once = Normalize(text, TextForm::kMatching);
    ASSERT_TRUE(once.ok()) << once.status();
    ASSERT_EQ(*Normalize(*once, TextForm::kMatching), *once);
  }
}

struct Encoded {
  std::vector<std::string> titles;
  std::vector<std::vector<float>> title;        // as a profile that wants it
  std::vector<std::vector<float>> description;  // without the title
};

Encoded EncodeSample(size_t n) {
  const auto encoder = *NewHashEncoder();
  std::vector<const RealPosting*> rows;
  for (const RealPosting& p : Postings()) {
    if (Field(p, "职位描述").size() >= 240) rows.push_back(&p);
  }
  std::mt19937 rng(7);
  std::shuffle(rows.begin(), rows.end(), rng);
  rows.resize(n);
  const auto encode = [&](const EncoderInput& input, Side side) {
    std::vector<float> row(encoder->info().dimension);
    EXPECT_TRUE(encoder->Encode({&input, 1}, side, row).ok());
    return row;
  };
  Encoded all;
  for (const RealPosting* p : rows) {
    all.titles.push_back(Field(*p, "职位"));
    EncoderInput title;
    title.title = Field(*p, "职位");
    all.title.push_back(encode(title, Side::kProfile));
    EncoderInput description;
    description.description = Field(*p, "职位描述");
    all.description.push_back(encode(description, Side::kPosting));
  }
  return all;
}

float Similarity(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(RealTextTest, TitlesFindTheirDescriptions) {
  const Encoded all = EncodeSample(2000);
  const size_t n = all.titles.size();
  size_t found = 0;
  for (size_t i = 0; i < n; ++i) {
    const float own = Similarity(all.title[i], all.description[i]);
    size_t better = 0;
    for (size_t j = 0; j < n; ++j) {
      // Ties count against us.
      better += j != i && Similarity(all.title[i], all.description[j]) >= own;
    }
    found += better < 10;
  }
  const double recall = static_cast<double>(found) / static_cast<double>(n);
  RecordProperty("recall_at_10", std::to_string(recall));
  // By chance it is 0.005; titles repeat, so that 1 is out of reach.
  EXPECT_GE(recall, 0.2);
}

TEST(RealTextTest, DescriptionsOfOneFunctionAreMoreAlike) {
  const Encoded all = EncodeSample(1000);
  std::vector<std::string> function(all.titles.size());
  for (size_t i = 0; i < function.size(); ++i) {
    const auto got = ParseFunctions(all.titles[i]);
    if (got.certain) function[i] = got.value->front();
  }
  double same = 0, other = 0;
  size_t same_pairs = 0, other_pairs = 0;
  for (size_t i = 0; i < function.size(); ++i) {
    for (size_t j = i + 1; j < function.size(); ++j) {
      if (function[i].empty() || function[j].empty()) continue;
      const float similarity =
          Similarity(all.description[i], all.description[j]);
      (function[i] == function[j] ? same : other) += similarity;
      ++(function[i] == function[j] ? same_pairs : other_pairs);
    }
  }
  ASSERT_GT(same_pairs, 1000u);
  ASSERT_GT(other_pairs, 1000u);
  EXPECT_GT(same / static_cast<double>(same_pairs),
            other / static_cast<double>(other_pairs) + 0.1);
}

}  // namespace
}  // namespace gradmatch
