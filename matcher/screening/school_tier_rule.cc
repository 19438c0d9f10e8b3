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

bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool IsWordChar(char32_t c) { return IsDigit(c) || (c >= U'a' && c <= U'z'); }

// Words that make a sentence one about schools and degrees.
bool SpeaksOfSchools(Text sentence) {
  return ContainsAny(
      sentence,
      {U"院校",     U"高校",       U"大学",   U"学校",     U"本科",   U"硕士",
       U"博士",     U"研究生",     U"学历",   U"毕业",     U"应届",   U"本硕",
       U"统招",     U"优先",       U"背景",   U"学位",     U"双一流", U"名校",
       U"graduate", U"university", U"degree", U"bachelor", U"master"});
}

// Characters that turn a number into an amount, an address or a size.
bool IsUnit(Text rest) {
  static constexpr std::array<Text, 22> kUnits = {
      U"万", U"亿", U"元", U"个", U"人",   U"名", U"号", U"路",
      U"栋", U"室", U"楼", U"米", U"公里", U"%",  U"天", U"家",
      U"年", U"月", U"件", U"座", U"吨",   U"分"};
  return std::any_of(kUnits.begin(), kUnits.end(),
                     [&](Text unit) { return rest.starts_with(unit); });
}

// "985" or "211" as a word of its own, or both run together. "1.985院校" is
// item 1 of a list; "1.985" elsewhere is a number, which the sentence tells.
size_t NumberTier(Text text, size_t at) {
  const auto is_tier = [&](size_t i) {
    return StartsAt(text, i, U"985") || StartsAt(text, i, U"211");
  };
  if (!is_tier(at)) return 0;
  size_t size = 3;
  if (is_tier(at + 3)) size = 6;
  if (at > 0 && IsWordChar(text[at - 1])) return 0;
  if (at > 1 && text[at - 1] == U'-' && IsDigit(text[at - 2])) return 0;
  if (at + size < text.size()) {
    const char32_t next = text[at + size];
    if (IsWordChar(next) || IsUnit(text.substr(at + size))) return 0;
    if ((next == U'-' || next == U'.') && at + size + 1 < text.size() &&
        IsDigit(text[at + size + 1])) {
      const Text more = text.substr(at + size + 1);
      if (!more.starts_with(U"985") && !more.starts_with(U"211")) return 0;
    }
  }
  return size;
}

// "一本" as a tier of universities, not a copy of a book.
size_t FirstBatch(Text text, size_t at) {
  if (!StartsAt(text, at, U"一本")) return 0;
  if (at > 0 && ContainsAny(text.substr(at - 1, 1),
                            {U"同", U"单", U"每", U"唯", U"第", U"读", U"有",
                             U"万", U"逐", U"出"})) {
    return 0;
  }
  if (at > 0 && text[at - 1] == U'统' && StartsAt(text, at + 2, U"科")) {
    return 0;  // 统一本科 is a slip for 统招本科
  }
  for (const Text next :
       {U"及以上", U"以上", U"院校", U"本科", U"学历", U"大学", U"毕业",
        U"高校", U"优先", U"、二本", U"/二本", U"科及", U"或", U"类"}) {
    if (StartsAt(text, at + 2, next)) return 2;
  }
  const Text before = Before(text, at, 3, 0);
  return before.ends_with(U"统招") || before.ends_with(U"全日制") ? 2 : 0;
}

// Longest first where one begins with another.
constexpr std::array<Text, 16> kWords = {
    U"双一流",   U"第一学历", U"重点本科", U"重点院校",
    U"重点大学", U"重点高校", U"名校毕业", U"名校背景",
    U"名校本科", U"名校硕士", U"名校学历", U"名校优先",
    U"c9高校",   U"c9院校",   U"c9联盟",   U"c9大学"};

size_t TierAt(Text text, size_t at) {
  switch (text[at]) {
    case U'9':
    case U'2':
      return NumberTier(text, at);
    case U'一':
      return FirstBatch(text, at);
    case U'双':
    case U'第':
    case U'重':
    case U'名':
    case U'c':
      for (const Text word : kWords) {
        if (!StartsAt(text, at, word)) continue;
        if (text[at] == U'c' && at > 0 && IsWordChar(text[at - 1])) return 0;
        return word.size();
      }
      return text[at] == U'c' && StartsAt(text, at, U"c9/985") ? 2 : 0;
    default:
      return 0;
  }
}

// The end of what is said about the tier that ends at `at`: the clause, and on
// over a comma behind which the list of tiers goes on ("211，985院校优先") or
// the preference itself comes (", 优先考虑").
size_t EndOfStatement(Text text, size_t at) {
  size_t last_tier = at;
  while (at < text.size() && !EndsSentence(text[at])) {
    if (EndsClause(text[at])) {
      size_t next = at + 1;
      while (next < text.size() && text[next] == U' ') ++next;
      if (next == text.size()) return at;
      const Text gap = text.substr(last_tier, at - last_tier);
      const bool list = gap.size() <= 4 &&
                        !ContainsAny(gap, {U"以上", U"学历", U"本科"}) &&
                        TierAt(text, next) > 0;
      if (!list && !StartsAt(text, next, U"优先") &&
          !StartsAt(text, next, U"不限") && !StartsAt(text, next, U"均可")) {
        return at;
      }
    } else if (const size_t size = TierAt(text, at); size > 0) {
      at += size;
      last_tier = at;
      continue;
    }
    ++at;
  }
  return at;
}

// "非985", but not "非常欢迎985".
bool SaysNon(Text before) {
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i] == U'非' && !StartsAt(before, i, U"非常")) return true;
  }
  return false;
}

// "985/211不限", but not "985/211专业不限".
bool SaysOpen(Text statement) {
  static constexpr std::array<Text, 9> kOthers = {U"专业", U"年龄", U"性别",
                                                  U"男女", U"经验", U"地区",
                                                  U"户籍", U"行业", U"年限"};
  for (const Text open : {Text(U"不限"), Text(U"均可")}) {
    for (size_t at = statement.find(open); at != Text::npos;
         at = statement.find(open, at + open.size())) {
      const Text before = statement.substr(0, at);
      const bool other =
          std::any_of(kOthers.begin(), kOthers.end(), [&](Text word) {
            return before.ends_with(word) ||
                   StartsAt(statement, at + open.size(), word);
          });
      if (!other) return true;
    }
  }
  return false;
}

bool IsNegated(Text before, Text statement) {
  return ContainsAny(before, {U"不限", U"不要求", U"无需", U"不需要", U"不强制",
                              U"不看", U"不局限", U"不卡", U"不唯", U"不设",
                              U"不必", U"不一定", U"不是", U"无论", U"不以",
                              U"不拘", U"取消", U"不查"}) ||
         SaysNon(before) || before.ends_with(U"无") ||
         before.ends_with(U"不论") || SaysOpen(statement) ||
         ContainsAny(statement, {U"不作要求", U"不做要求", U"不要求", U"都可以",
                                 U"不是必须", U"非必须", U"没有要求", U"无要求",
                                 U"不强制"});
}

// The employer about itself, its team or its customers; or what graduates of
// such schools get on top. Colleagues and customers are met in any posting, so
// they count only as what the clause is about.
bool IsNoCondition(Text sentence, Text clause_before, Text statement) {
  return ContainsAny(
             sentence,
             {U"我校", U"本校", U"学校是", U"大学是", U"学院是", U"是国家",
              U"入选", U"首批", U"是一所", U"管理团队", U"企业家", U"团队包括",
              U"团队成员", U"核心团队", U"创始人", U"创始团队", U"合作院校",
              U"与多所", U"校企"}) ||
         ContainsAny(clause_before, {U"同事", U"老板", U"boss", U"客户"}) ||
         ContainsAny(statement, {U"户口", U"落户", U"补贴", U"奖励", U"津贴"});
}

bool IsPreference(Text sentence_before, Text before, Text statement) {
  return ContainsAny(statement, {U"优先", U"更佳", U"尤佳", U"为佳", U"背景佳",
                                 U"首选", U"加分", U"更优", U"放宽", U"放低",
                                 U"优选", U"者佳", U"最好", U"更好", U"亦可",
                                 U"可接受", U"月薪", U"试用期", U"可无"}) ||
         ContainsAny(before, {U"优先", U"首选", U"最好", U"加分", U"欢迎"}) ||
         ContainsAny(sentence_before, {U"加分项", U"优先项", U"优先条件"});
}

class SchoolTierRule final : public ScreeningRule {
 public:
  std::string_view id() const override { return "DISCRIMINATORY_SCHOOL_TIER"; }
  std::string_view message() const override {
    return "招聘不得限定 985、211、双一流、一本、重点院校或第一学历；"
           "请改写为岗位确需的学历层次、专业与能力";
  }

  std::vector<RuleFinding> Check(std::string_view utf8) const override {
    const std::u32string text = FoldCharacters(utf8);
    std::vector<RuleFinding> findings;
    size_t at = 0;
    while (at < text.size()) {
      const size_t size = TierAt(text, at);
      if (size == 0) {
        ++at;
        continue;
      }
      const size_t end = EndOfStatement(text, at + size);
      if (auto finding = Judge(text, {at, at + size}, end)) {
        findings.push_back(*finding);
      }
      at = end;
    }
    return findings;
  }

 private:
  static std::optional<RuleFinding> Judge(Text text, Span tier, size_t end) {
    const Span sentence = SentenceAround(text, tier);
    const Text whole =
        text.substr(sentence.begin, sentence.end - sentence.begin);
    if (!SpeaksOfSchools(whole)) {
      const Text tail = text.substr(tier.end, end - tier.end);
      if (!ContainsAny(tail, {U"985", U"211"})) return std::nullopt;
    }
    size_t clause = tier.begin;
    while (clause > sentence.begin && !EndsClause(text[clause - 1])) --clause;
    const Text before = Before(text, tier.begin, 8, clause);
    const Text statement = After(text, tier.end, 40, end);
    const Text clause_before = text.substr(clause, tier.begin - clause);
    if (IsNegated(before, statement) ||
        IsNoCondition(whole, clause_before, statement)) {
      return std::nullopt;
    }
    return RuleFinding{
        .begin = static_cast<int>(tier.begin),
        .end = static_cast<int>(std::min(end, tier.end + 20)),
        .severity =
            IsPreference(
                text.substr(sentence.begin, tier.begin - sentence.begin),
                before, text.substr(tier.begin, end - tier.begin).substr(0, 46))
                ? v1::RuleVerdict::SEVERITY_WARN
                : v1::RuleVerdict::SEVERITY_QUARANTINE};
  }
};

}  // namespace

std::unique_ptr<ScreeningRule> MakeSchoolTierRule() {
  return std::make_unique<SchoolTierRule>();
}

}  // namespace gradmatch
