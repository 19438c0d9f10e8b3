#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matcher/screening/folded_text.h"
#include "matcher/screening/screener.h"

namespace gradmatch {
namespace {

using Text = std::u32string_view;

constexpr std::array<Text, 14> kMoney = {
    U"押金",   U"保证金", U"培训费", U"服装费", U"工装费",
    U"工服费", U"报名费", U"中介费", U"建档费", U"资料费",
    U"岗位费", U"入职费", U"培训贷", U"体检费"};

size_t MoneyAt(Text text, size_t at) {
  switch (text[at]) {
    case U'押':
    case U'保':
    case U'培':
    case U'服':
    case U'工':
    case U'报':
    case U'中':
    case U'建':
    case U'资':
    case U'岗':
    case U'入':
    case U'体':
      break;
    default:
      return 0;
  }
  for (const Text word : kMoney) {
    if (!StartsAt(text, at, word)) continue;
    // 培训费用预算 is the employer's own; 培训费用 alone is the same word.
    return word.size();
  }
  return 0;
}

// The clause of the money says that nothing is to be paid, or that the employer
// pays. These words deny whatever stands beside them, so that they count in no
// other clause: 无需经验 and 零基础 go with a fee, and so does 免费住宿.
bool IsDeniedInClause(Text before, Text after) {
  return ContainsAny(before, {U"不用", U"无需", U"不需", U"不要", U"没有",
                              U"不会", U"免交", U"免收", U"免缴", U"免除",
                              U"减免", U"报销", U"不扣", U"不押"}) ||
         before.ends_with(U"无") || before.ends_with(U"免") ||
         before.ends_with(U"零") || before.ends_with(U"0") ||
         ContainsAny(after,
                     {U"全免", U"免费", U"完全免", U"补贴", U"免除", U"减免"});
}

// The sentence says so of all payments.
bool IsDenied(Text before, Text after) {
  return ContainsAny(
             before,
             {U"不收",   U"不额外", U"不强制", U"不另",   U"不交",  U"无任何",
              U"从未",   U"从不",   U"绝无",   U"不得",   U"严禁",  U"禁止",
              U"拒绝",   U"不以",   U"未要求", U"不存在", U"不向",  U"杜绝",
              U"谨防",   U"警惕",   U"举报",   U"不缴",   U"别交",  U"不会以",
              U"不会向", U"不会收", U"无租金", U"无费用", U"0租金", U"0费用",
              U"零租金", U"零费用"}) ||
         ContainsAny(after, {U"报销", U"公司承担", U"公司支付", U"公司出",
                             U"公司负责", U"企业承担", U"单位承担", U"一律不",
                             U"均不", U"都不", U"等诈骗", U"请勿", U"诈骗"});
}

// Money of the trade: tenders, customers, tenants; or a part of the pay.
bool IsBusiness(Text before, Text after) {
  return ContainsAny(before,
                     {U"投标",   U"履约",   U"客户", U"租户", U"商户", U"质量",
                      U"农民工", U"退各类", U"办理", U"核算", U"会员", U"学员",
                      U"供应商", U"经销商", U"业主", U"催收", U"核对", U"登记",
                      U"招投标", U"底薪",   U"补助", U"负责", U"合同", U"家长",
                      U"代替",   U"替代",   U"福利", U"管理", U"预算"}) ||
         ContainsAny(after, {U"收缴", U"收取工作", U"核算", U"的收取",
                             U"的管理", U"预算", U"台账", U"健身费", U"的退还",
                             U"的办理", U"的缴纳", U"方案", U"监管"});
}

// Something is to be paid: a verb before, an amount or "own cost" behind.
bool IsDemanded(Text before, Text after) {
  if (ContainsAny(before, {U"缴纳", U"交纳", U"需交", U"需要交",   U"须交",
                           U"需缴", U"须缴", U"先交", U"要交",     U"支付",
                           U"需付", U"预付", U"预交", U"预缴",     U"自付",
                           U"收取", U"先付", U"扣除", U"抵扣",     U"扣押",
                           U"需收", U"会收", U"要收", U"自行承担", U"自费",
                           U"应交", U"应缴", U"交齐", U"贷款支付"}) ||
      before.ends_with(U"交") || before.ends_with(U"缴") ||
      before.ends_with(U"付") || before.ends_with(U"收") ||
      before.ends_with(U"扣") || before.ends_with(U"办理")) {
    return true;
  }
  if (ContainsAny(after, {U"自理", U"自付", U"自费", U"自行承担", U"自己承担",
                          U"本人承担", U"个人承担", U"从工资", U"工资中扣",
                          U"可退", U"退还", U"离职退", U"另付", U"先交"})) {
    return true;
  }
  // An amount right behind: 押金500元, 培训费：3000, 服装费(200).
  size_t i = 0;
  while (i < after.size() && i < 3 && !(after[i] >= U'0' && after[i] <= U'9')) {
    ++i;
  }
  const bool number = i < after.size() && after[i] >= U'1' && after[i] <= U'9';
  return number && ContainsAny(after.substr(i, 8), {U"元", U"块", U"rmb"});
}

class FeeRule final : public ScreeningRule {
 public:
  std::string_view id() const override { return "FEE_OR_DEPOSIT"; }
  std::string_view message() const override {
    return "招聘单位不得向求职者收取押金、保证金、培训费、服装费等任何费用；"
           "请删除收费要求";
  }

  std::vector<RuleFinding> Check(std::string_view utf8) const override {
    const std::u32string text = FoldCharacters(utf8);
    std::vector<RuleFinding> findings;
    for (size_t at = 0; at < text.size();) {
      const size_t size = MoneyAt(text, at);
      if (size == 0) {
        ++at;
        continue;
      }
      const Span sentence = SentenceAround(text, {at, at + size});
      if (AsksForMoney(text, {at, at + size}, sentence)) {
        findings.push_back(
            {.begin = static_cast<int>(at),
             .end = static_cast<int>(std::min(sentence.end, at + size + 8))});
        at = sentence.end;  // one finding a sentence
      } else {
        at += size;
      }
    }
    return findings;
  }

 private:
  // A denial of all payments reaches over the commas of a list (无任何报名费，
  // 培训费), any other and a demand only as far as the clause.
  static bool AsksForMoney(Text text, Span money, Span sentence) {
    size_t clause = money.begin;
    while (clause > sentence.begin && !EndsClause(text[clause - 1])) --clause;
    size_t clause_end = money.end;
    while (clause_end < sentence.end && !EndsClause(text[clause_end])) {
      ++clause_end;
    }
    const Text before = Before(text, money.begin, 12, clause);
    const Text after = After(text, money.end, 16, clause_end);
    if (!IsDemanded(before, after)) return false;
    return !IsDeniedInClause(Before(text, money.begin, 40, clause),
                             After(text, money.end, 24, clause_end)) &&
           !IsDenied(Before(text, money.begin, 40, sentence.begin),
                     After(text, money.end, 24, sentence.end)) &&
           !IsBusiness(Before(text, money.begin, 12, clause), after);
  }
};

}  // namespace

std::unique_ptr<ScreeningRule> MakeFeeRule() {
  return std::make_unique<FeeRule>();
}

}  // namespace gradmatch
