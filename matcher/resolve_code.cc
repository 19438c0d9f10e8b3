#include "matcher/resolve_code.h"

#include <algorithm>

#include "index/codes/name_key.h"
#include "matcher/text/parse_function.h"
#include "matcher/text/parse_major.h"
#include "matcher/text/parse_place.h"

namespace gradmatch {
namespace {

constexpr double kSelf = 1.0;
constexpr double kOtherName = 0.95;
constexpr double kParsedCertain = 0.9;
constexpr double kParsedUncertain = 0.7;
constexpr double kLike = 0.8;
// Less in common than this is chance.
constexpr double kLeastShare = 0.3;

class Readings {
 public:
  void Add(const CodeEntry* entry, double confidence) {
    if (entry == nullptr) return;
    for (CodeReading& reading : all_) {
      if (reading.entry != entry) continue;
      reading.confidence = std::max(reading.confidence, confidence);
      return;
    }
    all_.push_back({entry, confidence});
  }
  bool HasSelf() const {
    return std::any_of(all_.begin(), all_.end(), [](const CodeReading& r) {
      return r.confidence == kSelf;
    });
  }
  std::vector<CodeReading> Best(size_t most) && {
    std::sort(all_.begin(), all_.end(),
              [](const CodeReading& a, const CodeReading& b) {
                return a.confidence != b.confidence
                           ? a.confidence > b.confidence
                           : a.entry->code < b.entry->code;
              });
    if (all_.size() > most) all_.resize(most);
    return std::move(all_);
  }

 private:
  std::vector<CodeReading> all_;
};

void ReadNames(const CodeTable& table, std::string_view text,
               Readings& readings) {
  using Former = CodeTable::Former;
  if (const CodeEntry* entry = table.Find(text)) {
    readings.Add(entry, kSelf);
  } else {
    readings.Add(table.Find(text, Former::kFollow), kOtherName);
  }
  const std::string key = TableNameKey(text);
  for (const CodeEntry* entry : table.FindByName(text)) {
    const bool own = TableNameKey(entry->name) == key;
    readings.Add(entry, own ? kSelf : kOtherName);
  }
}

template <typename T>
double ConfidenceOf(const Parsed<T>& parsed) {
  return parsed.certain ? kParsedCertain : kParsedUncertain;
}

// Parsers answer in codes of the program's tables.
void AddParsed(const CodeTable& table, std::string_view code, double confidence,
               Readings& readings) {
  readings.Add(table.Find(code, CodeTable::Former::kFollow), confidence);
}

void ParseAsMajors(const CodeTable& table, std::string_view text,
                   Readings& readings) {
  const Parsed<MajorRequirement> parsed = ParseMajors(text);
  if (!parsed.understood()) return;
  for (const MajorCode& major : parsed.value->codes) {
    if (major.system == table.system()) {
      AddParsed(table, major.code, ConfidenceOf(parsed), readings);
      continue;
    }
    const CodeTable* from = CodeTable::BuiltIn(major.system);
    const CodeEntry* entry = from ? from->Find(major.code) : nullptr;
    if (entry == nullptr) continue;
    for (const CodeEntry* crossed : CrossByName(*entry, table)) {
      readings.Add(crossed, ConfidenceOf(parsed));
    }
  }
}

void ParseText(const CodeTable& table, std::string_view text,
               Readings& readings) {
  if (table.system() == "region") {
    const Parsed<Places> parsed = ParsePlaces(text);
    if (!parsed.understood()) return;
    for (const std::string& code : parsed.value->codes) {
      AddParsed(table, code, ConfidenceOf(parsed), readings);
    }
  } else if (table.system() == "function") {
    const Parsed<std::vector<std::string>> parsed = ParseFunctions(text);
    if (!parsed.understood()) return;
    for (const std::string& code : *parsed.value) {
      AddParsed(table, code, ConfidenceOf(parsed), readings);
    }
  } else if (table.IsMajorCatalogue()) {
    ParseAsMajors(table, text, readings);
  }
}

}  // namespace

std::vector<CodeReading> ReadAsCode(const CodeTable& table,
                                    std::string_view text, size_t most) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  Readings readings;
  ReadNames(table, text, readings);
  if (!readings.HasSelf()) {
    ParseText(table, text, readings);
    for (const CodeTable::Likeness& like : table.MostLike(text, most)) {
      if (like.score >= kLeastShare) {
        readings.Add(like.entry, kLike * like.score);
      }
    }
  }
  return std::move(readings).Best(most);
}

}  // namespace gradmatch
