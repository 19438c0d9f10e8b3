// The rules on real sentences. The labelled ones say nothing of schools or
// fees, so whatever is held back among them is a false alarm; of the unlabelled
// ones the findings are printed, for reading.
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "matcher/screening/screener.h"

namespace gradmatch {
namespace {

constexpr char kFolder[] = "../shared/data/compliance/";

std::vector<std::vector<std::string>> ReadTsv(const std::string& name) {
  std::ifstream in(kFolder + name);
  EXPECT_TRUE(in.good()) << kFolder << name << " is not there";
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) rows.push_back(absl::StrSplit(line, '\t'));
  return rows;
}

v1::Posting Of(const std::string& text) {
  v1::Posting posting;
  posting.set_description(text);
  return posting;
}

TEST(RealSentencesTest, InnocentSentencesPass) {
  const auto screener = MakeDefaultScreener();
  const auto rows = ReadTsv("sentences_labelled.tsv");
  ASSERT_EQ(rows.size(), 48);
  for (const auto& row : rows) {
    const auto verdicts = screener->Screen(Of(row.back()));
    if (row[3] != "none") continue;
    EXPECT_FALSE(HoldsBack(verdicts)) << row.back();
  }
}

TEST(RealSentencesTest, FindingsStayWhereTheyWereRead) {
  const auto screener = MakeDefaultScreener();
  const auto rows = ReadTsv("candidates_unlabelled.tsv");
  ASSERT_EQ(rows.size(), 7'366);
  std::map<std::string, int> held;
  std::map<std::string, int> warned;
  int elsewhere = 0;  // in sentences picked for another reason, or at random
  for (const auto& row : rows) {
    for (const v1::RuleVerdict& v : screener->Screen(Of(row.back()))) {
      const bool hold = HoldsBack(std::span(&v, 1));
      ++(hold ? held : warned)[v.rule()];
      const bool expected = row[1].find("院校") != std::string::npos ||
                            row[1].find("诈骗疑似") != std::string::npos;
      if (hold && !expected) ++elsewhere;
      if (hold) {
        std::printf("%s | %s | %s\n", v.rule().c_str(), v.excerpt().c_str(),
                    row.back().substr(0, 300).c_str());
      }
    }
  }
  for (const auto& [rule, n] : held) {
    std::printf("%s: %d held back, %d warned\n", rule.c_str(), n, warned[rule]);
  }
  EXPECT_GE(held["DISCRIMINATORY_SCHOOL_TIER"], 200);
  EXPECT_GE(warned["DISCRIMINATORY_SCHOOL_TIER"], 200);
  EXPECT_LE(elsewhere, 15);
}

}  // namespace
}  // namespace gradmatch
