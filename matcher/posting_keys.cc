#include "matcher/posting_keys.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "index/codes/code_registry.h"
#include "index/content_hash.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

// A key is a kind (8 bits), a detail (8 bits) and up to six characters.
enum Kind : uint64_t {
  kAnyMajor = 2,
  kMajor,
  kMajorBelow,
  kMajorOfSystem,
  kMajorOfLevel,
  kWithin,
  kAt,
  kProvince,
  kMajorText,
};

uint64_t Pack(Kind kind, uint64_t detail, std::string_view code) {
  uint64_t packed = 0;
  for (char c : code.substr(0, 6)) {
    packed = packed << 8 | static_cast<unsigned char>(c);
  }
  return uint64_t{kind} << 56 | detail << 48 | packed;
}

// Three bits of level, five of system.
static_assert(kMaxMajorSystems < 1 << 5);
uint64_t MajorDetail(int level, MajorSystem system) {
  return static_cast<uint64_t>(level) << 5 | static_cast<uint64_t>(system);
}

bool IsTreeCode(std::string_view code) {
  return code.size() == 2 || code.size() == 4 || code.size() == 6;
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The top bit keeps hashes apart from markers such as kAnyKey.
uint64_t HashKey(std::string_view text) {
  return ContentHash(text) | uint64_t{1} << 63;
}

}  // namespace

std::span<const MajorSystem> MajorSystems() {
  static constexpr std::array<MajorSystem, kMaxMajorSystems> kNumbers = [] {
    std::array<MajorSystem, kMaxMajorSystems> numbers{};
    for (size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = static_cast<MajorSystem>(i + 1);
    }
    return numbers;
  }();
  return std::span(kNumbers).first(MajorSystemNames().size());
}

MajorSystem MajorSystemOf(std::string_view system) {
  const std::span<const std::string_view> names = MajorSystemNames();
  const auto found = std::find(names.begin(), names.end(), system);
  return found == names.end()
             ? MajorSystem::kUnknown
             : static_cast<MajorSystem>(found - names.begin() + 1);
}

std::string_view MajorSystemName(MajorSystem system) {
  const std::span<const std::string_view> names = MajorSystemNames();
  const size_t number = static_cast<size_t>(system);
  return number == 0 || number > names.size() ? std::string_view()
                                              : names[number - 1];
}

std::string MajorDigits(std::string_view code) {
  if (!code.empty() && std::isalpha(static_cast<unsigned char>(code[0]))) {
    code.remove_prefix(1);
  }
  while (!code.empty() &&
         std::isalpha(static_cast<unsigned char>(code.back()))) {
    code.remove_suffix(1);
  }
  if (!IsTreeCode(code) || !AllDigits(code)) return "";
  return std::string(code);
}

uint64_t AnyMajorKey(int level) {
  return Pack(kAnyMajor, MajorDetail(level, MajorSystem::kUnknown), "");
}
uint64_t MajorKey(int level, MajorSystem system, std::string_view digits) {
  return Pack(kMajor, MajorDetail(level, system), digits);
}
uint64_t MajorBelowKey(int level, MajorSystem system, std::string_view digits) {
  return Pack(kMajorBelow, MajorDetail(level, system), digits);
}
uint64_t MajorSystemKey(int level, MajorSystem system) {
  return Pack(kMajorOfSystem, MajorDetail(level, system), "");
}
uint64_t MajorLevelKey(int level) {
  return Pack(kMajorOfLevel, MajorDetail(level, MajorSystem::kUnknown), "");
}

uint64_t MajorTextKey(int level) {
  return Pack(kMajorText, MajorDetail(level, MajorSystem::kUnknown), "");
}

std::string RegionDigits(std::string_view code) {
  if (!IsTreeCode(code) || !AllDigits(code)) return "";
  while (code.size() > 2 && code.substr(code.size() - 2) == "00") {
    code.remove_suffix(2);
  }
  // 市辖区 of the four municipalities names no place of its own.
  for (std::string_view city : {"1101", "1201", "3101", "5001"}) {
    if (code == city) return std::string(code.substr(0, 2));
  }
  return std::string(code);
}

std::string FunctionDigits(std::string_view code) {
  if (!IsTreeCode(code)) return "";
  std::string digits(code);
  for (char& c : digits) {
    if (!std::isalnum(static_cast<unsigned char>(c))) return "";
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return digits;
}

uint64_t WithinKey(std::string_view digits) { return Pack(kWithin, 0, digits); }
uint64_t AtKey(std::string_view digits) { return Pack(kAt, 0, digits); }

std::vector<std::string_view> Prefixes(std::string_view digits) {
  std::vector<std::string_view> prefixes;
  for (size_t n = 2; n <= digits.size(); n += 2) {
    prefixes.push_back(digits.substr(0, n));
  }
  return prefixes;
}

uint64_t ProvinceKey(std::string_view two_digits) {
  return Pack(kProvince, 0, two_digits);
}
uint64_t SchoolKey(std::string_view code) { return HashKey(code); }

uint64_t SkillKey(std::string_view skill) {
  const std::string form = MatchingForm(skill);
  std::string_view text = form;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const Dictionary& dictionary = Dictionary::Default();
  const uint32_t term = dictionary.Find(text);
  if (term != kNoTerm) {
    for (const Meaning& meaning : dictionary.meanings(term)) {
      if (meaning.kind == kSkillTerm) return HashKey(meaning.code);
    }
  }
  return HashKey(text);
}

uint64_t NameKey(std::string_view name) { return HashKey(name); }

bool SharesKey(std::span<const uint64_t> a, std::span<const uint64_t> b) {
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    if (*i == *j) return true;
    *i < *j ? ++i : ++j;
  }
  return false;
}

}  // namespace gradmatch
