// Official positions: what an import makes of them, and that the check of a
// pair, the bitmaps and an oracle that reads the raw cells itself give one
// answer for every graduate and every position.
#include "tests/matcher/official/positions.h"

#include <array>
#include <fstream>
#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "index/codes/code_table.h"
#include "matcher/eligibility.h"
#include "tests/fakes/temp_folder.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

using oracle::Answer;

constexpr char kHeader[] =
    "招考单位\t职位代码\t招考职位\t职位简介\t职位类型\t录用人数\t学历\t学位\t"
    "研究生专业名称及代码\t本科专业名称及代码\t大专专业名称及代码\t"
    "是否要求2年以上基层工作经历\t是否开展心理素质测评\t"
    "是否限应届毕业生报考\t其他要求\t考区\tyear\n";

// Our own rows, in the shape of the real ones. Columns: levels, three lists of
// majors, grassroots, test, fresh, conditions.
struct OwnRow {
  const char* education;
  const char* degree;
  const char* majors_a;
  const char* majors_b;
  const char* majors_c;
  const char* grassroots;
  const char* test;
  const char* fresh;
  const char* conditions;
};
constexpr OwnRow kOwnRows[] = {
    {"本科以上", "学士以上", "哲学(A01),法学(A0301)", "法学类(B0301)", "", "否",
     "", "否", ""},
    {"本科", "学士", "", "计算机类(B0809),数学(B0701)", "", "", "", "否",
     "中共党员"},
    {"研究生", "硕士以上",
     "企业管理（含：财务管理、市场营销、人力资源管理）"
     "(A120202),会计学(A120201)",
     "", "", "否", "", "应届毕业生", "企业管理（限：财务管理）（A120202）"},
    {"研究生", "硕士",
     "财政学（含∶税收学）(A020203),金融学（含∶保险学）"
     "(A020204)",
     "", "", "否", "是", "2025届高校毕业生",
     "财政学（A020203），不包含税收学, 金融学（A020204），不包含保险学"},
    {"研究生", "博士", "不限", "", "", "", "", "否", "女性"},
    {"大专以上", "不限", "不限", "不限", "不限", "", "", "否",
     "面向“服务基层项目人员和退役大学生士兵”专门职位;"
     "录用后需在录用单位工作满5年"},
    {"大专、本科", "不限", "", "监狱学(B030103),侦查学(B030602)",
     "法律文秘(C030102)", "", "", "2025届高校毕业生",
     "男性;司法警官院校毕业生"},
    {"本科以上", "学士、硕士", "06法律类", "06法律类, 03经济金融类", "", "是",
     "", "应届毕业生",
     "通过法律职业资格考试，未通过的录用后需在录用单位工作满5"
     "年;普通高等院校毕业生（非在职）"},
    {"本科以上", "学士以上", "应用经济学(A0202),法学(A0301),工商管理(A1202)",
     "经济学类(B0201),法学类(B0301),工商管理类(B1202)", "", "否", "否", "否",
     "法学专业报考者须通过法律职业资格考试"},
    {"本科以上", "学士以上", "法学(A0301)", "法学类(B0301)", "", "", "", "否",
     "通过法律职业资格考试;普通高等院校毕业生（非在职）, "
     "研究生报考者本科须为法学专业且获法学学士学位"},
    {"本科", "学士", "", "会计学(B120203),审计学(B120207)", "", "", "", "否",
     "具有注册会计师或会计专业技术资格（中级以上）或审计专业技术资格（中级以上"
     "）之一"},
    {"本科", "学士", "", "不限", "", "是", "", "否", "35周岁以下;壮族或瑶族"},
    {"本科以上", "学士以上", "不限", "英语(B050201)", "", "", "", "应届毕业生",
     "英语专业八级;非中共党员（民主党派仅限民革党员）"},
    {"本科以上", "学士以上", "没有这个学科(A9999)", "法学(B03)", "", "", "",
     "否", "须会做两个菜"},
    {"本科", "学士", "", "法学类(B0301)", "", "", "", "否",
     "国际法学（限：国际私法、国际经济法）（A030109）"},
};

std::string WriteOwnRows(const TempFolder& folder) {
  const std::string path = folder.path() + "/own.tsv";
  std::ofstream out(path);
  out << kHeader;
  int number = 0;
  for (const OwnRow& r : kOwnRows) {
    out << "某单位\t" << ++number << ".0\t科员\t从事工作\t综合管理类职位\t2.0\t"
        << r.education << '\t' << r.degree << '\t' << r.majors_a << '\t'
        << r.majors_b << '\t' << r.majors_c << '\t' << r.grassroots << '\t'
        << r.test << '\t' << r.fresh << '\t' << r.conditions
        << "\t广州\t2025\n";
  }
  return path;
}

absl::Time Receipt() { return TestNow() - absl::Hours(24); }

struct Counts {
  int64_t pairs = 0;
  std::map<Answer, int64_t> answers;
};

Answer AnswerOf(v1::Eligibility::Outcome outcome) {
  return outcome == v1::Eligibility::OUTCOME_ELIGIBLE ? Answer::kEligible
         : outcome == v1::Eligibility::OUTCOME_CONDITIONAL
             ? Answer::kConditional
             : Answer::kIneligible;
}

// One graduate against all positions, three ways.
void CheckPerson(const oracle::Person& person, const OfficialPositions& all,
                 const oracle::Oracle& judge, const Snapshot& snapshot,
                 const std::vector<RowId>& rows, Counts& counts) {
  const v1::Profile profile = ProfileOf(person, TestNow());
  const EligibilityQuery query = CompileEligibility(profile, TestNow());
  const EligibleRows selected = SelectEligible(snapshot, query);
  for (size_t i = 0; i < all.postings.size(); ++i) {
    const Answer want = judge.Judge(all.cells[i], person);
    const v1::Eligibility answer = CheckEligibility(query, all.postings[i]);
    const Answer bits = selected.eligible.Test(rows[i]) ? Answer::kEligible
                        : selected.conditional.Test(rows[i])
                            ? Answer::kConditional
                            : Answer::kIneligible;
    if (AnswerOf(answer.outcome()) == want && bits == want) {
      ++counts.pairs;
      ++counts.answers[want];
      continue;
    }
    std::string cells;
    for (const auto& [column, text] : all.cells[i]) {
      absl::StrAppend(&cells, column, "=", text, "\n");
    }
    FAIL() << "oracle " << static_cast<int>(want) << ", pair "
           << static_cast<int>(AnswerOf(answer.outcome())) << ", bitmap "
           << static_cast<int>(bits) << "\n"
           << cells << profile.DebugString() << answer.DebugString()
           << all.postings[i].conditions_size();
  }
}

void CheckAll(const OfficialPositions& all, int people, uint32_t first_seed,
              Counts& counts) {
  ASSERT_EQ(all.rejected, 0);
  ASSERT_EQ(all.postings.size(), all.cells.size());
  const oracle::Catalogue catalogue = LoadCatalogue();
  const oracle::Oracle judge(catalogue);
  const auto snapshot = SnapshotOf(all.postings, /*segment_rows=*/5'000);
  std::vector<RowId> rows;
  for (const v1::Posting& posting : all.postings) {
    rows.push_back(*snapshot->Find(posting.name()));
  }
  for (int i = 0; i < people; ++i) {
    const uint32_t seed = first_seed + static_cast<uint32_t>(i);
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    CheckPerson(RandomPerson(seed, catalogue, all.cells), all, judge, *snapshot,
                rows, counts);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(OfficialPositionsTest, OwnRowsAreReadAsPrinted) {
  const TempFolder folder;
  const OfficialPositions all = ReadPositions(WriteOwnRows(folder), Receipt());
  ASSERT_EQ(all.postings.size(), std::size(kOwnRows));
  const v1::Posting& first = all.postings[0];
  EXPECT_EQ(first.source_posting_id(), "1");
  EXPECT_EQ(first.kind(), v1::POSTING_KIND_PUBLIC);
  EXPECT_EQ(first.openings(), 2);
  EXPECT_EQ(first.locations(0).region().code(), "440100");
  EXPECT_EQ(first.education().min_level(), v1::EDUCATION_LEVEL_BACHELOR);
  EXPECT_EQ(first.education().max_level(), 0);
  ASSERT_EQ(first.majors().groups_size(), 2);
  EXPECT_EQ(first.majors().groups(0).codes(1).code(), "A0301");
  EXPECT_EQ(all.postings[4].education().min_level(),
            v1::EDUCATION_LEVEL_DOCTOR);
  EXPECT_EQ(all.postings[6].graduation_years(0), 2025);
  // 06法律类 twice, 03经济金融类, an unknown code, two dishes.
  EXPECT_EQ(all.unread.size(), 5u);
}

TEST(OfficialPositionsTest, OwnRowsAgreeWithTheOracle) {
  const TempFolder folder;
  const OfficialPositions all = ReadPositions(WriteOwnRows(folder), Receipt());
  Counts counts;
  CheckAll(all, 3'000, 1, counts);
  for (Answer a :
       {Answer::kEligible, Answer::kConditional, Answer::kIneligible}) {
    EXPECT_GT(counts.answers[a], 500) << static_cast<int>(a);
  }
}

// Sanitizers make a pair ten times as dear.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRealPeople = 20;
#else
constexpr int kRealPeople = 500;
#endif

TEST(OfficialPositionsTest, RealRowsAgreeWithTheOracle) {
  const std::string path = RealPositionsPath();
  if (path.empty()) {
    GTEST_SKIP() << "../shared/data/eligibility/guangdong_positions_2025.tsv.gz"
                    " is not there";
  }
  const OfficialPositions all = ReadPositions(path, Receipt());
  EXPECT_GT(all.cells.size(), 10'000u);
  int unknown = 0;
  for (const oracle::Cells& cells : all.cells) {
    unknown += oracle::Oracle::CountUnknownPieces(cells);
  }
  Counts counts;
  CheckAll(all, kRealPeople, 1'000, counts);
  std::cout << "people " << kRealPeople << " (seeds from 1000), positions "
            << all.postings.size() << ", pairs " << counts.pairs
            << ": eligible " << counts.answers[Answer::kEligible]
            << ", conditional " << counts.answers[Answer::kConditional]
            << ", ineligible " << counts.answers[Answer::kIneligible]
            << "; pieces unknown to the oracle " << unknown << "\n";
}

TEST(OfficialPositionsTest, RealRowsLeaveLittleUnread) {
  const std::string path = RealPositionsPath();
  if (path.empty()) GTEST_SKIP() << "the real positions are not there";
  const OfficialPositions all = ReadPositions(path, Receipt());
  std::map<std::string, int> texts;
  int classes = 0;
  for (const std::string& text : all.unread) {
    // 06法律类: a class of a list of the same province that nobody printed.
    const bool is_class = text.size() > 5 && text[0] >= '0' && text[0] <= '2' &&
                          text[1] >= '0' && text[1] <= '9';
    classes += is_class;
    if (!is_class) ++texts[text];
  }
  int others = 0;
  for (const auto& [text, count] : texts) {
    others += count;
    std::cout << "  unread " << count << " " << text << "\n";
  }
  std::cout << "entries " << all.entries << ", classes without their list "
            << classes << ", not understood " << others << "\n";
  EXPECT_LT(others * 100, all.entries) << "one in a hundred";
  EXPECT_LT((others + classes) * 100, 2 * all.entries);
}

// A profile in the Ministry's codes meets the province's lists by name.
TEST(OfficialPositionsTest, MinistryCodesCrossByName) {
  const CodeTable& ministry = *CodeTable::Get("undergraduate");
  const CodeTable& province = *CodeTable::Get("gd2025-B");
  int majors = 0;
  int crossed = 0;
  int other_digits = 0;
  for (const CodeEntry& entry : ministry.entries()) {
    if (entry.level != 3) continue;
    ++majors;
    const auto found = CrossByName(entry, province);
    if (found.empty()) continue;
    ++crossed;
    other_digits += found[0]->code.substr(1) != entry.code;
    v1::Posting posting =
        PostingForMajors("gd2025-B", {std::string(found[0]->code)}, {4});
    v1::Profile profile;
    AddEducation(profile, 4, "undergraduate", entry.code, 2025);
    EXPECT_EQ(CheckEligibility(profile, posting, TestNow()).outcome(),
              v1::Eligibility::OUTCOME_ELIGIBLE)
        << Describe(entry) << " / " << Describe(*found[0]);
  }
  std::cout << "Ministry's majors " << majors << ", met by name " << crossed
            << " (" << other_digits << " under other digits), misses "
            << majors - crossed << "\n";
  EXPECT_GT(crossed * 10, majors * 8);
  // A miss is a question, not a refusal.
  v1::Profile profile;
  AddEducation(profile, 4, "undergraduate", "", 2025);
  *profile.mutable_educations(0)->add_majors() =
      MakeCode("undergraduate", "", "星际航行学");
  EXPECT_EQ(
      CheckEligibility(profile, PostingForMajors("gd2025-B", {"B0809"}, {4}),
                       TestNow())
          .outcome(),
      v1::Eligibility::OUTCOME_CONDITIONAL);
}

}  // namespace
}  // namespace gradmatch
