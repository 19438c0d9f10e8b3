#include "server/feed/word_fields.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/codes/code_table.h"
#include "matcher/text/parse_degree.h"
#include "matcher/text/parse_experience.h"
#include "server/feed/field_helpers.h"

namespace gradmatch {
namespace {

// Bytes of the UTF-8 character that starts with `lead`.
size_t CharacterSize(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Splits at each character of `separators`.
void SplitWords(std::string_view text, std::string_view separators,
                std::vector<std::string>& words) {
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t size = CharacterSize(text[i]);
    if (separators.find(text.substr(i, size)) != std::string_view::npos) {
      if (i > begin) words.emplace_back(text.substr(begin, i - begin));
      begin = i + size;
    }
    i += size;
  }
  if (begin < text.size()) words.emplace_back(text.substr(begin));
}

std::vector<std::string> Words(const RuleInput& in) {
  const std::string_view separators = in.rule.separator.empty()
                                          ? std::string_view(",，、;；|/\n\t")
                                          : std::string_view(in.rule.separator);
  std::vector<std::string> words;
  for (const std::vector<std::string>& list : in.lists) {
    for (const std::string& text : list) SplitWords(text, separators, words);
  }
  return words;
}

}  // namespace

FieldReading ReadSkills(const RuleInput& in, MappedPosting& out) {
  bool any = false;
  for (std::string& word : Words(in)) {
    any = true;
    // Boards put "3年及以上" and "本科" among the skills.
    if (ParseExperience(word).certain || ParseDegree(word).certain) continue;
    out.posting.add_skills(std::move(word));
  }
  return any ? FieldReading::kUnderstood : FieldReading::kAbsent;
}

FieldReading ReadBenefits(const RuleInput& in, MappedPosting& out) {
  for (std::string& word : Words(in)) out.posting.add_benefits(std::move(word));
  return out.posting.benefits_size() > 0 ? FieldReading::kUnderstood
                                         : FieldReading::kAbsent;
}

FieldReading ReadProvinces(const RuleInput& in, MappedPosting& out) {
  const CodeTable* regions = CodeTable::Get("region");
  FieldReading reading = FieldReading::kAbsent;
  for (const std::string& word : Words(in)) {
    const CodeEntry* entry = regions->Find(word);
    if (entry == nullptr) {
      const auto found = regions->FindByName(word);
      if (found.size() == 1) entry = found[0];
    }
    if (entry == nullptr || entry->level != 1) {
      NotUnderstood(in, word, "省级名称或两位代码", out);
      return FieldReading::kRaw;
    }
    out.posting.mutable_visibility()->add_provinces(
        std::string(entry->code.substr(0, 2)));
    reading = FieldReading::kUnderstood;
  }
  return reading;
}

FieldReading ReadFunctions(const RuleInput& in, MappedPosting& out) {
  const CodeTable* table = CodeTable::Get("function");
  FieldReading reading = FieldReading::kAbsent;
  for (const std::string& word : Words(in)) {
    v1::Code& code = *out.posting.add_functions();
    code.set_system("function");
    if (const CodeEntry* entry = table->Find(word); entry != nullptr) {
      code.set_code(std::string(entry->code));
    } else {
      code.set_display(word);  // the server looks the name up, or flags it
    }
    const bool known =
        !code.code().empty() || table->FindByName(word).size() == 1;
    if (!known) {
      reading = FieldReading::kRaw;
    } else if (reading == FieldReading::kAbsent) {
      reading = FieldReading::kUnderstood;
    }
  }
  return reading;
}

}  // namespace gradmatch
