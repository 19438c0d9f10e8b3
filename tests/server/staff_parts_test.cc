// Pure parts of staff: who may be stored, whose students are whose, digests.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/codes/code_table.h"
#include "server/staff_checks.h"
#include "server/staff_digest.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

std::string School(size_t n) {
  return std::string(CodeTable::Get("school")->entries()[n].code);
}

v1::Staff GoodStaff() {
  v1::Staff staff;
  staff.set_kind(v1::Staff::KIND_COUNSELLOR);
  staff.add_schools(School(0));
  staff.add_class_codes("c1");
  return staff;
}

TEST(CheckStaffTest, NamesWhatIsWrong) {
  struct Case {
    const char* name;
    void (*change)(v1::Staff&);
    const char* want;
  };
  const Case cases[] = {
      {"good", [](v1::Staff&) {}, "OK"},
      {"all classes", [](v1::Staff& s) { s.clear_class_codes(); }, "OK"},
      {"kind", [](v1::Staff& s) { s.clear_kind(); },
       "INVALID_ARGUMENT FIELD_MISSING staff.kind"},
      {"other kind",
       [](v1::Staff& s) { s.set_kind(static_cast<v1::Staff::Kind>(9)); },
       "INVALID_ARGUMENT FIELD_INVALID staff.kind"},
      {"no school", [](v1::Staff& s) { s.clear_schools(); },
       "INVALID_ARGUMENT FIELD_MISSING staff.schools"},
      {"unknown school", [](v1::Staff& s) { s.set_schools(0, "999"); },
       "INVALID_ARGUMENT CODE_UNKNOWN staff.schools[0]"},
      {"school twice", [](v1::Staff& s) { s.add_schools(s.schools(0)); },
       "INVALID_ARGUMENT DUPLICATE_ID staff.schools[1]"},
      {"too many schools",
       [](v1::Staff& s) {
         for (int i = 0; i < 100; ++i) s.add_schools(School(i));
       },
       "INVALID_ARGUMENT FIELD_OUT_OF_RANGE staff.schools"},
      {"empty class", [](v1::Staff& s) { s.add_class_codes(""); },
       "INVALID_ARGUMENT FIELD_MISSING staff.class_codes[1]"},
      {"long class",
       [](v1::Staff& s) { s.add_class_codes(std::string(65, 'x')); },
       "INVALID_ARGUMENT FIELD_TOO_LONG staff.class_codes[1]"},
  };
  for (const Case& c : cases) {
    v1::Staff staff = GoodStaff();
    c.change(staff);
    EXPECT_EQ(Summary(CheckStaff(staff)), c.want) << c.name;
  }
}

TEST(InScopeTest, BySchoolAndClass) {
  v1::Graduate graduate = GoodGraduate();
  v1::Staff staff = GoodStaff();
  EXPECT_FALSE(InScope(staff, graduate));  // no school stated
  v1::Code& school =
      *graduate.mutable_profile()->mutable_educations(0)->mutable_school();
  school.set_system("school");
  school.set_code(School(0));
  EXPECT_FALSE(InScope(staff, graduate));  // no class
  graduate.set_class_code("c2");
  EXPECT_FALSE(InScope(staff, graduate));
  graduate.set_class_code("c1");
  EXPECT_TRUE(InScope(staff, graduate));
  staff.clear_class_codes();
  graduate.clear_class_code();
  EXPECT_TRUE(InScope(staff, graduate));
  school.set_code(School(1));
  EXPECT_FALSE(InScope(staff, graduate));
  // The latest education counts.
  v1::Education first = graduate.profile().educations(0);
  first.mutable_school()->set_code(School(0));
  *graduate.mutable_profile()->add_educations() = first;
  EXPECT_FALSE(InScope(staff, graduate));
  EXPECT_FALSE(InScope(staff, v1::Graduate()));
}

StudentFacts Facts(const std::string& name, int items_before, int items_now) {
  StudentFacts facts;
  facts.name = name;
  for (int i = 0; i < items_before + items_now; ++i) {
    LedgerLine& line = facts.ledger.emplace_back();
    line.canonical_key = absl::StrCat("s/p", i);
    line.entry.set_push_run(i < items_before ? "old" : "r1");
    line.entry.set_intent_time_micros(1'000'000 * (i + 1));
  }
  return facts;
}

TEST(DigestOfTest, SaysWhatARunDidForAStudent) {
  StudentFacts facts = Facts("graduates/a", 3, 2);
  LedgerLine& by_hand = facts.ledger.emplace_back();
  by_hand.entry.set_intent_time_micros(99'000'000);
  v1::StudentDigest student = DigestOf(facts, "r1");
  EXPECT_EQ(student.items(), 2);
  EXPECT_EQ(student.items_ever(), 5);  // by hand does not count
  EXPECT_EQ(student.last_push_time().seconds(), 5);
  EXPECT_TRUE(student.no_reaction());
  EXPECT_FALSE(student.has_not_covered());
  facts.reactions = 1;
  EXPECT_FALSE(DigestOf(facts, "r1").no_reaction());
  facts = Facts("graduates/a", 2, 2);
  EXPECT_FALSE(DigestOf(facts, "r1").no_reaction());  // only four items
}

TEST(DigestOfTest, SaysWhyThereIsNothing) {
  StudentFacts facts = Facts("graduates/a", 1, 0);
  EXPECT_EQ(DigestOf(facts, "r1").not_covered().code(), "NOT_IN_RUN");
  facts.uncovered = Uncovered{"old", "CAPS_EXHAUSTED"};
  EXPECT_EQ(DigestOf(facts, "r1").not_covered().code(), "NOT_IN_RUN");
  facts.uncovered = Uncovered{"r1", "CAPS_EXHAUSTED"};
  const v1::Reason reason = DigestOf(facts, "r1").not_covered();
  EXPECT_EQ(reason.code(), "CAPS_EXHAUSTED");
  EXPECT_EQ(reason.text_zh(), "符合条件的岗位名额已满");
  facts.selection = Suppression::kPaused;
  EXPECT_EQ(DigestOf(facts, "r1").not_covered().code(), "PAUSED");
}

TEST(FillDigestTest, PutsFirstWhoNeedsHelp) {
  v1::StaffDigest digest;
  StudentFacts none = Facts("graduates/z", 0, 0);
  none.uncovered = Uncovered{"r1", "CAPS_EXHAUSTED"};
  StudentFacts answered = Facts("graduates/a", 5, 1);
  answered.reactions = 1;
  FillDigest(
      {DigestOf(answered, "r1"), DigestOf(Facts("graduates/b", 5, 1), "r1"),
       DigestOf(none, "r1"), DigestOf(Facts("graduates/y", 5, 0), "r1")},
      digest);
  EXPECT_EQ(digest.students(), 4);
  EXPECT_EQ(digest.covered(), 2);
  EXPECT_EQ(digest.not_covered(), 2);
  EXPECT_EQ(digest.no_reaction(), 2);
  std::string order;
  for (const auto& student : digest.student_digests()) {
    order += student.graduate().back();
  }
  EXPECT_EQ(order, "yzba");
  ASSERT_EQ(digest.suppressions_size(), 2);
  EXPECT_EQ(digest.suppressions(0).code(), "CAPS_EXHAUSTED");
  EXPECT_EQ(digest.suppressions(0).graduates(), 1);
}

}  // namespace
}  // namespace gradmatch
