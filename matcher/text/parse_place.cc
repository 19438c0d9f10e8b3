#include "matcher/text/parse_place.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "index/codes/code_table.h"
#include "matcher/text/normalize.h"
#include "matcher/text/scan.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxBytes = 2048;
constexpr int kCity = 2;

struct NameHash : std::hash<std::string_view> {
  using is_transparent = void;
};

// Every spelling of a region, in matching form.
class RegionNames {
 public:
  struct Named {
    const CodeEntry* entry;
    bool full;  // with its 市, 区, 县 ...
  };

  RegionNames() : table_(*CodeTable::BuiltIn("region")) {
    for (const CodeEntry& e : table_.entries()) {
      if (e.name == "市辖区" || e.name == "县" ||
          Contains(e.name, "直辖县级")) {
        continue;
      }
      Add(e.name, e, true);
      std::string_view rest = e.aliases;
      while (!rest.empty()) {
        const size_t end = rest.find('|');
        Add(rest.substr(0, end), e, false);
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
      }
    }
  }

  static const RegionNames& Get() {
    static const RegionNames* const names = new RegionNames();
    return *names;
  }

  const CodeTable& table() const { return table_; }

  // Calls f(named, bytes) for the names that start at text[i], longest first;
  // stops when f returns true.
  template <typename F>
  bool ForEachAt(std::string_view text, size_t i, F&& f) const {
    size_t ends[kMaxChars];
    size_t n = 0;
    for (size_t at = i; at < text.size() && n < max_chars_;) {
      if (!IsHan(NextChar(text, at))) break;
      ends[n++] = at;
    }
    for (; n >= 2; --n) {
      const auto found = names_.find(text.substr(i, ends[n - 1] - i));
      if (found == names_.end()) continue;
      for (const Named& named : found->second) {
        if (f(named, ends[n - 1] - i)) return true;
      }
    }
    return false;
  }

 private:
  static constexpr size_t kMaxChars = 24;

  void Add(std::string_view name, const CodeEntry& entry, bool full) {
    size_t chars = 0;
    for (size_t i = 0; i < name.size(); ++chars) NextChar(name, i);
    if (chars < 2 || chars > kMaxChars) return;
    max_chars_ = std::max(max_chars_, chars);
    std::vector<Named>& list = names_[std::string(name)];
    list.push_back({&entry, full});
    // Full names first, broad before narrow: "吉林" alone is the province.
    std::stable_sort(list.begin(), list.end(),
                     [](const Named& a, const Named& b) {
                       return a.entry->level < b.entry->level;
                     });
  }

  const CodeTable& table_;
  std::unordered_map<std::string, std::vector<Named>, NameHash, std::equal_to<>>
      names_;
  size_t max_chars_ = 0;
};

// How the character before a name ties it to the place before.
enum class Tie {
  kNewPlace,  // start of the text, "、", ",", ";", blank, 或
  kInside,    // "·", "-", ">", "("
  kAdjacent,  // nothing between
};

class PlaceParser {
 public:
  explicit PlaceParser(std::string_view text)
      : names_(RegionNames::Get()), text_(text) {}

  Parsed<Places> Run() {
    while (at_ < text_.size()) {
      if (!Separator() && !Word() && !Code() && !Region()) Detail();
    }
    Finish();
    if (places_.codes.empty() && !places_.nationwide && !places_.remote)
      return {};
    if (!unknown_.empty()) {
      return Uncertain(places_, "有的地点没有识别：" + unknown_);
    }
    return Certain(places_);
  }

 private:
  bool Separator() {
    if (SkipAny(text_, at_, {"、", ",", ";", "|", " ", "\n", "。", "+"})) {
      EndPart();
      tie_ = Tie::kNewPlace;
      return true;
    }
    // A slash parts places ("上海/广州") as well as levels ("广东省/广州市"):
    // a name below the current one goes inside it, any other starts anew.
    if (Skip(text_, at_, "/")) {
      EndPart();
      tie_ = Tie::kNewPlace;
      return true;
    }
    if (SkipAny(text_, at_,
                {"·", "・", "•", "-", "—", "_", ">", "(", ")", "[", "]", ":",
                 "."})) {
      EndPart();
      tie_ = Tie::kInside;
      return true;
    }
    return false;
  }

  bool Word() {
    if (!part_.empty()) return false;
    if (SkipAny(text_, at_,
                {"全国各地", "全国范围", "全国", "不限地区", "地区不限",
                 "地点不限", "城市不限", "多地", "不限"})) {
      places_.nationwide = true;
      return true;
    }
    if (SkipAny(text_, at_,
                {"远程办公", "远程", "居家办公", "居家", "在家办公", "线上办公",
                 "remote"})) {
      places_.remote = true;
      return true;
    }
    if (SkipAny(text_, at_, {"中国", "或者", "工作地点", "工作地"})) {
      tie_ = Tie::kNewPlace;
      return true;
    }
    if (tie_ == Tie::kAdjacent && current_ != nullptr &&
        SkipAny(text_, at_, {"或", "和", "及"})) {
      tie_ = Tie::kNewPlace;
      return true;
    }
    return false;
  }

  bool Code() {
    if (!part_.empty()) return false;
    size_t end = at_;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
    if (end - at_ != 6) return false;
    const CodeEntry* entry = names_.table().Find(text_.substr(at_, 6));
    if (entry == nullptr) return false;
    Take(*entry);
    at_ = end;
    return true;
  }

  bool Region() {
    // Behind other words ("科技园北京路") a name is part of an address.
    if (!part_.empty()) return false;
    const CodeEntry* chosen = nullptr;
    size_t size = 0;
    int counties = 0;
    names_.ForEachAt(
        text_, at_, [&](const RegionNames::Named& n, size_t bytes) {
          if (chosen != nullptr && bytes != size) return true;
          if (counties > 0 && bytes != size) return true;
          if (Below(*n.entry) && (n.full || EndsCleanly(at_ + bytes))) {
            chosen = n.entry;
            size = bytes;
            counties = 0;
            return true;
          }
          if (chosen != nullptr || !MayStart(n, bytes)) return false;
          size = bytes;
          if (n.entry->level <= kCity) {
            chosen = n.entry;
          } else if (n.full || !IsHanAt(at_ + bytes)) {
            // A county alone: only if its name is the only one of its kind; a
            // short one ("昆山") must be a part of its own.
            ++counties;
            county_ = n.entry;
          }
          return false;
        });
    if (chosen == nullptr && counties == 1) chosen = county_;
    if (chosen == nullptr) return false;
    Take(*chosen);
    at_ += size;
    tie_ = Tie::kAdjacent;
    return true;
  }

  // True if `entry` lies inside the place being read.
  bool Below(const CodeEntry& entry) const {
    if (current_ == nullptr) return false;
    for (const CodeEntry* up = names_.table().Parent(entry); up != nullptr;
         up = names_.table().Parent(*up)) {
      if (up == current_) return true;
    }
    return false;
  }

  // May a name that is not inside the current place start another one here?
  bool MayStart(const RegionNames::Named& n, size_t bytes) const {
    if (n.entry == current_ || (current_ != nullptr && Above(*n.entry))) {
      return n.full || EndsCleanly(at_ + bytes);
    }
    if (!n.full && !EndsCleanly(at_ + bytes)) return false;
    if (tie_ == Tie::kNewPlace || current_ == nullptr) return true;
    // "北京-上海", "北京上海", but not "黄埔区永和街道".
    return n.entry->level <= kCity && current_->level <= kCity;
  }

  bool Above(const CodeEntry& entry) const {
    for (const CodeEntry* up = current_; up != nullptr;
         up = names_.table().Parent(*up)) {
      if (up == &entry) return true;
    }
    return false;
  }

  // A short name counts when the part ends with it, or another name follows:
  // "北京朝阳区", not "中山路", "南山大道".
  bool EndsCleanly(size_t end) const {
    if (end >= text_.size()) return true;
    size_t next = end;
    const char32_t c = NextChar(text_, next);
    if (!IsHan(c) && !IsLatin(c)) return true;
    if (c == U'或' || c == U'和' || c == U'及') return true;
    if (SkipWordAt(end)) return true;
    return names_.ForEachAt(
        text_, end, [](const RegionNames::Named&, size_t) { return true; });
  }

  bool IsHanAt(size_t i) const {
    return i < text_.size() && IsHan(NextChar(text_, i));
  }

  // Words that follow a short city name without being a street.
  bool SkipWordAt(size_t end) const {
    size_t i = end;
    return SkipAny(text_, i,
                   {"市区", "高新", "经开", "经济", "开发区", "地区", "周边",
                    "全市", "工业园", "新区", "保税", "自贸", "科技"});
  }

  void Take(const CodeEntry& entry) {
    if (current_ != nullptr && (&entry == current_ || Above(entry)) &&
        tie_ != Tie::kNewPlace) {
      return;  // "北京·北京市": said twice
    }
    if (current_ != nullptr && !Below(entry)) Finish();
    current_ = &entry;
  }

  void Detail() {
    const size_t begin = at_;
    NextChar(text_, at_);
    part_.append(text_.substr(begin, at_ - begin));
    tie_ = Tie::kAdjacent;
  }

  void EndPart() {
    if (part_.empty()) return;
    std::string& to = current_ == nullptr ? unknown_ : places_.detail;
    if (!to.empty()) to.push_back(' ');
    to.append(part_);
    part_.clear();
  }

  void Finish() {
    EndPart();
    if (current_ == nullptr) return;
    const std::string code(current_->code);
    if (std::find(places_.codes.begin(), places_.codes.end(), code) ==
        places_.codes.end()) {
      places_.codes.push_back(code);
    }
    current_ = nullptr;
  }

  const RegionNames& names_;
  const std::string_view text_;
  size_t at_ = 0;
  Tie tie_ = Tie::kNewPlace;
  const CodeEntry* current_ = nullptr;
  const CodeEntry* county_ = nullptr;
  std::string part_;     // characters that are no region's name
  std::string unknown_;  // such parts outside any place
  Places places_;
};

}  // namespace

Parsed<Places> ParsePlaces(std::string_view text) {
  if (text.size() > kMaxBytes) return {};
  const std::string form = MatchingForm(text);
  return PlaceParser(form).Run();
}

}  // namespace gradmatch
