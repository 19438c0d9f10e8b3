#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/screening/screener.h"

namespace gradmatch {
namespace {

using Severity = v1::RuleVerdict::Severity;
constexpr Severity kPass = v1::RuleVerdict::SEVERITY_UNSPECIFIED;
constexpr Severity kWarn = v1::RuleVerdict::SEVERITY_WARN;
constexpr Severity kHold = v1::RuleVerdict::SEVERITY_QUARANTINE;

struct RuleCase {
  std::string name;
  std::string text;
  Severity want;
};

// The gravest finding of a rule.
Severity Gravest(const ScreeningRule& rule, const std::string& text) {
  Severity gravest = kPass;
  for (const RuleFinding& finding : rule.Check(text)) {
    gravest = std::max(gravest, finding.severity);
  }
  return gravest;
}

class SchoolTierTest : public testing::TestWithParam<RuleCase> {};
TEST_P(SchoolTierTest, Judges) {
  EXPECT_EQ(Gravest(*MakeSchoolTierRule(), GetParam().text), GetParam().want)
      << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Sentences, SchoolTierTest,
    testing::ValuesIn<RuleCase>({
        {"Both", "仅接受211/985院校24年应届生", kHold},
        {"RunTogether", "985211本科及以上学历", kHold},
        {"FullWidth", "要求９８５、２１１高校毕业", kHold},
        {"ListNumber", "1.985、211、双一流学校背景", kHold},
        {"OnlyTheTwo", "985，211大学", kHold},
        {"One", "1、211本科及以上学历", kHold},
        {"DoubleFirstClass", "●需要双一流学校背景，计算机专业", kHold},
        {"C9", "C9高校硕士", kHold},
        {"FirstBatch", "1、全日制统招一本及以上学历", kHold},
        {"KeySchools", "1、重点院校本科或硕士学历", kHold},
        {"FirstDegree", "8、第一学历为全日制统招本科及以上学历", kHold},
        {"OtherPreference", "211本科及以上学历，1年经验，Java语言优先", kHold},
        {"LimitThenPreference", "统招一本及以上，985/211学历优先", kHold},
        {"AnyMajorOfSuchSchools", "学历背景至少211硕士专业不限", kHold},
        {"MajorOpenBehindComma", "985/211院校毕业，专业不限", kHold},
        {"VeryWelcome", "非常欢迎985/211院校本科毕业生", kWarn},
        {"VeryGood", "非常优秀的985硕士", kHold},
        {"CustomersLook", "双一流以上学历（客户比较看重学校背景）", kHold},
        {"CustomersElsewhere",
         "具有客户沟通能力,985/211院校本科及以上学历,能适应出差", kHold},
        {"English", "Graduate from 985 or equivalent", kHold},
        {"Preferred", "全日制本科及以上学历，985/211优先", kWarn},
        {"PreferredOverComma", "本科学历，211，985优先", kWarn},
        {"PreferredBehindComma", "本科学历，985/211院校，优先考虑", kWarn},
        {"PreferredInTheWord", "本科以上学历，名校优先", kWarn},
        {"PreferredByHeading", "加分项：硕士学历，211/985院校", kWarn},
        {"Colleagues", "氛围好：同事均为名校毕业", kPass},
        {"ColleaguesBehindComma", "同事皆来自国内 985、211 高校及国外名校",
         kPass},
        {"Customers", "客户为985、211等重点高校，负责校园项目", kPass},
        {"AllWelcome", "985/211及普通本科均可，专业不限", kPass},
        {"Relaxed", "优秀985、211毕业生可放低年限要求", kWarn},
        {"NotLimited", "本科及以上学历，不限985/211", kPass},
        {"NotRequired", "学校无需985、211，能力优先", kPass},
        {"NotAsked", "本科即可，不要求211院校", kPass},
        {"NotLimitedBehind", "985/211不限，本科学历即可", kPass},
        {"NonElite", "非985、211也可投递，看重能力，本科学历", kPass},
        {"NoLookAtFirstDegree", "不看第一学历，硕士即可", kPass},
        {"Benefit", "985/211院校毕业生可解决北京户口", kPass},
        {"Output", "年产值211万，本科学历", kPass},
        {"Output2", "公司年产值985万元", kPass},
        {"Wavelength", "负责985nm激光器研发，本科学历", kPass},
        {"Phone", "本科学历，电话13985211985", kPass},
        {"Landline", "本科学历，电话0871-9852110", kPass},
        {"HouseNumber", "大学路金色年华B座12楼1211", kPass},
        {"PartNumber", "JAVA开发工程师(A59856)，本科", kPass},
        {"Bus", "乘211路公交到大学城", kPass},
        {"Book", "每月坚持读一本书，本科学历", kPass},
        {"Highlight", "划重点，本科学历", kPass},
        {"University", "我校是国家985、211、双一流建设高校", kPass},
        {"Team", "团队包括海外本硕，985, 211等重点院校同学", kPass},
        {"Empty", "", kPass},
        {"BrokenBytes", "\xff\xfe 985", kPass},
    }),
    [](const auto& info) { return info.param.name; });

class FeeTest : public testing::TestWithParam<RuleCase> {};
TEST_P(FeeTest, Judges) {
  EXPECT_EQ(Gravest(*MakeFeeRule(), GetParam().text), GetParam().want)
      << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Sentences, FeeTest,
    testing::ValuesIn<RuleCase>({
        {"Deposit", "入职需缴纳押金500元", kHold},
        {"DepositBack", "工服押金200元，离职退还", kHold},
        {"Refundable", "入职交押金，离职可退", kHold},
        {"Training", "岗前培训，培训费自理", kHold},
        {"TrainingAmount", "需参加培训，培训费：3000元", kHold},
        {"Clothes", "先交服装费300元", kHold},
        {"Guarantee", "需支付保证金后上岗", kHold},
        {"FromWages", "服装费从工资中扣除", kHold},
        {"NoExperienceButDeposit", "无需经验，入职需缴纳押金300元", kHold},
        {"NoBasisButTraining", "零基础可学，需交培训费3800元", kHold},
        {"NoExperienceButTraining", "没有经验也可以，需缴纳培训费2000元",
         kHold},
        {"FreeRoomButDeposit", "提供免费住宿，需交押金500元", kHold},
        {"ClothesButFreeMeals", "先交服装费300元，入职后免费吃住", kHold},
        {"SubsidyButFee", "体检费自理，每月餐补贴300元", kHold},
        {"NoDeposit", "入职不收押金", kPass},
        {"AllFree", "无需押金，培训费、服装费全免", kPass},
        {"PaidBackLater", "体检费自理，入职满一个月报销", kPass},
        {"ForNoReason", "公司不会以任何理由，向求职者收取押金", kPass},
        {"FreeTraining", "公司免培训费，带薪培训", kPass},
        {"NeedNot", "入职无需缴纳任何押金费用", kPass},
        {"NeedNotAny", "入职无需缴纳任何保证金及各项费用", kPass},
        {"NoneOfAll", "本工作无任何报名费，培训费，入会费，保证金等", kPass},
        {"NotToPay", "不用交任何押金", kPass},
        {"FreeByZero", "0押金入职", kPass},
        {"NeverAsked",
         "我司从未要求应聘者缴纳任何形式的押金、保证金、推荐费、中介费等费用",
         kPass},
        {"NeverAtAll", "绝无收费——不向求职者收取任何费用与押金", kPass},
        {"PaidBack", "按要求体检，入职满一个月报销体检费198元/人", kPass},
        {"NotOnTop", "告诉到手工资，不额外收取中介费", kPass},
        {"Referral", "推荐朋友入职的，你有介绍费2000元一人", kPass},
        {"Tender", "负责投标保证金的缴纳、退还手续", kPass},
        {"Tenants", "协助商户洽谈、意向签约及保证金收缴等工作", kPass},
        {"Benefit", "福利：培训费、健身费、补充医疗保险", kPass},
        {"Budget", "每年300万培训费用预算", kPass},
        {"Loan", "银行贷款专员，开发贷款客户", kPass},
        {"Empty", "", kPass},
    }),
    [](const auto& info) { return info.param.name; });

TEST(RuleScreenerTest, NamesFieldSpanAndTextInCharacters) {
  v1::Posting posting;
  posting.set_title("测试工程师");
  posting.set_description("岗位职责：测试。\n要求：９８５院校本科");
  const auto verdicts = MakeDefaultScreener()->Screen(posting);
  ASSERT_EQ(verdicts.size(), 1);
  const v1::RuleVerdict& v = verdicts[0];
  EXPECT_EQ(v.rule(), "DISCRIMINATORY_SCHOOL_TIER");
  EXPECT_EQ(v.field(), "description");
  EXPECT_EQ(v.span_begin(), 12);
  EXPECT_EQ(v.span_end(), 19);
  EXPECT_EQ(v.excerpt(), "９８５院校本科");
  EXPECT_EQ(v.severity(), kHold);
  EXPECT_FALSE(v.message().empty());
  EXPECT_FALSE(v.rules_version().empty());
  EXPECT_TRUE(HoldsBack(verdicts));
}

TEST(RuleScreenerTest, APreferenceIsFlaggedAndNotHeldBack) {
  v1::Posting posting;
  posting.set_requirements("本科学历，211优先");
  const auto verdicts = MakeDefaultScreener()->Screen(posting);
  ASSERT_EQ(verdicts.size(), 1);
  EXPECT_FALSE(HoldsBack(verdicts));
}

TEST(RuleScreenerTest, TimeIsBoundedByTheTextsSize) {
  std::string text;
  while (text.size() < (1 << 20)) text += "一本";
  const auto verdicts = MakeSchoolTierRule()->Check(text);
  EXPECT_TRUE(verdicts.empty());
  text.clear();
  while (text.size() < (1 << 20)) text += "985、";
  EXPECT_LE(MakeSchoolTierRule()->Check(text).size(), 1);
}

}  // namespace
}  // namespace gradmatch
