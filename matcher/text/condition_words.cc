#include "matcher/text/condition_words.h"

#include <algorithm>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/text/scan.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxAlias = 160;  // bytes

// What stands around the name of a condition without changing it. "以上" is
// here because the table says which condition implies which.
constexpr std::string_view kNoise[] = {
    "具有",     "具备",     "取得",     "持有",     "获得",     "获取",
    "已",       "须",       "需要",     "需",       "必须",     "应当",
    "应",       "要求",     "通过",     "达到",     "达",       "的",
    "者",       "报考者",   "考生",     "报考",     "报名",     "人员",
    "资格证",   "资格证书", "执业资格", "职业资格", "任职资格", "资格",
    "证书",     "证",       "考试",     "合格",     "水平",     "及以上",
    "以上",     "含以上",   "专业技术", "技术资格", "技术职务", "技术职称",
    "职务",     "职称",     "相应",     "国家",     "有效",     "全国",
    "系列",     "政治面貌", "为",       "限",       "仅限",     "限招",
    "面向",     "专门职位", "专门岗位", "定向",     "招录",     "招考",
    "招聘",     "开展",     "接受",     "参加",     "进行",     "由",
    "(",        ")",        "\"",       "“",        "”",        "《",
    "》",       "'",        "其中",     "成绩",     "证明",     "等级",
    "学历",     "此职位",   "本职位",   "该职位",   "该岗位",   "本岗位",
    "报考人员", "限报",     "仅",       "均可",     "均可报考", "可报考",
    "必须为",   "有",       "拥有",     "是",       "职位",     "岗位"};

struct Level {
  std::string_view word;
  int level;
};
constexpr Level kLevels[] = {{"正高级", 4}, {"正高", 4}, {"教授级", 4},
                             {"副高级", 3}, {"副高", 3}, {"高级", 3},
                             {"中级", 2},   {"初级", 1}, {"助理级", 1}};

enum class Joint { kNone, kOr, kAnd, kList };
struct JointWord {
  std::string_view word;
  Joint joint;
};
constexpr JointWord kJoints[] = {
    {"或者", Joint::kOr},  {"或", Joint::kOr},       {"/", Joint::kOr},
    {"之一", Joint::kOr},  {"任意一项", Joint::kOr}, {"任一", Joint::kOr},
    {",或者", Joint::kOr}, {",或", Joint::kOr},      {"并且", Joint::kAnd},
    {"且", Joint::kAnd},   {"并", Joint::kAnd},      {"同时", Joint::kAnd},
    {"以及", Joint::kAnd}, {"和", Joint::kAnd},      {"及", Joint::kAnd},
    {"与", Joint::kAnd},   {"、", Joint::kList}};

struct Alias {
  const CodeEntry* entry;
  bool domain;
};

// Every name of the table, as it looks in matching form.
const std::unordered_map<std::string, Alias>& Aliases() {
  static const auto* const aliases = [] {
    auto* map = new std::unordered_map<std::string, Alias>;
    for (const CodeEntry& entry : CodeTable::BuiltIn("condition")->entries()) {
      if (entry.level == 1) continue;
      const bool domain = entry.note == "domain";
      const auto add = [&](std::string_view name) {
        const std::string form = CompactForm(name);
        if (!form.empty()) map->try_emplace(form, Alias{&entry, domain});
      };
      if (!domain) add(entry.name);
      std::string_view rest = entry.aliases;
      while (!rest.empty()) {
        const size_t bar = rest.find('|');
        add(rest.substr(0, bar));
        rest = bar == std::string_view::npos ? "" : rest.substr(bar + 1);
      }
    }
    return map;
  }();
  return *aliases;
}

// The longest name at the start of `text`; its size, 0 if there is none.
size_t AliasAt(std::string_view text, bool titles, Alias& found) {
  const auto& aliases = Aliases();
  for (size_t size = std::min(text.size(), kMaxAlias); size > 0; --size) {
    if (size < text.size() &&
        (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
      continue;
    }
    const auto it = aliases.find(std::string(text.substr(0, size)));
    if (it == aliases.end() || (it->second.domain && !titles)) continue;
    found = it->second;
    return size;
  }
  return 0;
}

size_t LongestOf(std::string_view text,
                 std::span<const std::string_view> words) {
  size_t longest = 0;
  for (std::string_view word : words) {
    if (word.size() > longest && text.starts_with(word)) longest = word.size();
  }
  return longest;
}

bool Below(const CodeEntry* entry, const CodeEntry* above) {
  const CodeTable& table = *CodeTable::BuiltIn("condition");
  return table.Covers(above->code, entry->code) && entry != above;
}

class Phrase {
 public:
  explicit Phrase(std::string_view form)
      : text_(form),
        titles_(ContainsAny(form, {"专业技术", "职称", "系列", "任职资格",
                                   "技术资格", "工程师"})) {}

  std::vector<std::vector<std::string>> Read() {
    while (at_ < text_.size()) {
      if (!Step()) return {};
    }
    EndTitle();
    return Conclude();
  }

 private:
  bool Step() {
    const std::string_view rest = text_.substr(at_);
    Alias alias{};
    const size_t named = AliasAt(rest, titles_, alias);
    const size_t noise = LongestOf(rest, kNoise);
    if (named > 0 && named >= noise) {
      at_ += named;
      Name(alias);
      return true;
    }
    for (const Level& level : kLevels) {
      if (rest.starts_with(level.word)) {
        at_ += level.word.size();
        return SetLevel(level.level);
      }
    }
    size_t joint_size = 0;
    Joint joint = Joint::kNone;
    for (const JointWord& word : kJoints) {
      if (word.word.size() > joint_size && rest.starts_with(word.word)) {
        joint_size = word.word.size();
        joint = word.joint;
      }
    }
    if (joint_size > 0 && joint_size >= noise) {
      at_ += joint_size;
      Join(joint);
      return true;
    }
    if (noise == 0) return false;
    depth_ += rest[0] == '(' ? 1 : rest[0] == ')' ? -1 : 0;
    at_ += noise;
    return true;
  }

  void Name(const Alias& alias) {
    if (!alias.domain) {
      names_.push_back(alias.entry);
      return;
    }
    if (level_ != 0 && !pending_.empty()) EndTitle();
    pending_.push_back(alias.entry);
  }

  // The level of the titles named before it, or of the one that follows.
  bool SetLevel(int level) {
    if (pending_.empty() && !names_.empty()) {
      // "软件设计师中级以上" repeats what the name says.
      return names_.back()->level == 3 &&
             CodeTable::BuiltIn("condition")->Parent(*names_.back())->note ==
                 "domain";
    }
    if (level_ != 0) return false;
    level_ = level;
    return true;
  }

  void Join(Joint joint) {
    if (level_ != 0 && !pending_.empty()) EndTitle();
    or_ |= joint == Joint::kOr;
    and_ |= joint == Joint::kAnd;
    (depth_ == 0 ? list_ : listed_inside_) |= joint == Joint::kList;
  }

  void EndTitle() {
    const CodeTable& table = *CodeTable::BuiltIn("condition");
    // 中级职称, of whatever field.
    if (level_ != 0 && pending_.empty() && names_.empty() && titles_) {
      pending_.push_back(table.Find("title-any"));
    }
    for (const CodeEntry* domain : pending_) {
      const CodeEntry* entry = domain;
      if (level_ != 0) {
        entry = table.Find(absl::StrCat(A(domain->code), "-", level_));
      }
      names_.push_back(entry);
    }
    pending_.clear();
    level_ = 0;
  }

  std::vector<std::vector<std::string>> Conclude() {
    std::vector<std::string> codes;
    for (const CodeEntry* entry : names_) {
      const bool narrowed = std::any_of(
          names_.begin(), names_.end(), [&](const CodeEntry* other) {
            return entry->note == "domain" && Below(other, entry);
          });
      if (!narrowed &&
          std::find(codes.begin(), codes.end(), entry->code) == codes.end()) {
        codes.emplace_back(entry->code);
      }
    }
    if (level_ != 0 || codes.empty()) return {};
    if (codes.size() == 1) return {codes};
    // Posts set apart for some (面向...专门职位) take each of them, nobody is a
    // member of two parties or has done every service.
    const bool each = text_.starts_with("面向") || Contains(text_, "专门");
    if (or_ && and_ && !each) return {};
    if (or_ || each || OneGroupOnly()) return {codes};
    // "计算机专业技术资格(软件设计师、网络工程师)" names kinds of one thing.
    if (listed_inside_ && !and_ && !list_) return {codes};
    if (!and_ || list_) return {};
    std::vector<std::vector<std::string>> all;
    for (std::string& code : codes) all.push_back({std::move(code)});
    return all;
  }

  bool OneGroupOnly() const {
    const CodeTable& table = *CodeTable::BuiltIn("condition");
    return std::all_of(names_.begin(), names_.end(),
                       [&](const CodeEntry* entry) {
                         const CodeEntry* group = table.Parent(*entry);
                         return group != nullptr && group->note == "one-of" &&
                                group == table.Parent(*names_[0]);
                       });
  }

  const std::string_view text_;
  const bool titles_;
  size_t at_ = 0;
  int depth_ = 0;
  int level_ = 0;
  bool or_ = false;
  bool and_ = false;
  bool list_ = false;                      // 、 outside of brackets
  bool listed_inside_ = false;             // and inside
  std::vector<const CodeEntry*> pending_;  // domains without their level
  std::vector<const CodeEntry*> names_;
};

}  // namespace

std::vector<std::vector<std::string>> ReadConditionCodes(
    std::string_view form) {
  return Phrase(form).Read();
}

bool OnlyWords(std::string_view text, std::span<const std::string_view> words) {
  while (!text.empty()) {
    if (text[0] >= '0' && text[0] <= '9') {
      text.remove_prefix(1);
      continue;
    }
    const size_t size = LongestOf(text, words);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace gradmatch
