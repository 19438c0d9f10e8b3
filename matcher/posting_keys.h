#ifndef GRADMATCH_MATCHER_POSTING_KEYS_H_
#define GRADMATCH_MATCHER_POSTING_KEYS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// Keys of the set columns: 64-bit numbers that say one thing each. A posting
// carries them; a query asks for rows that carry one of some. Pure functions of
// code and text (but for the numbers of imported systems of majors), never
// stored.

// In the columns of years and visibility: no restriction.
inline constexpr uint64_t kAnyKey = 0;

// --- Majors: what a posting accepts, by education level ---
// `level` is EducationLevel, 0 for a group that speaks for every level.

// Systems of majors, numbered as MajorSystemNames() lists them; 0 is none we
// know. Numbers of imported systems hold for this process only.
enum class MajorSystem : uint8_t { kUnknown = 0 };
// All there are now: the built-in ones first.
std::span<const MajorSystem> MajorSystems();
MajorSystem MajorSystemOf(std::string_view system);
std::string_view MajorSystemName(MajorSystem system);

// The digits of a major's code: no letter before (B0809), no K or T behind.
// Empty unless there are 2, 4 or 6 of them.
std::string MajorDigits(std::string_view code);

// Any major is accepted.
uint64_t AnyMajorKey(int level);
// The majors at and below `digits` are accepted.
uint64_t MajorKey(int level, MajorSystem system, std::string_view digits);
// Some majors below `digits` are accepted.
uint64_t MajorBelowKey(int level, MajorSystem system, std::string_view digits);
// Some code of `system` is accepted.
uint64_t MajorSystemKey(int level, MajorSystem system);
// A group speaks for this level.
uint64_t MajorLevelKey(int level);
// There is text about majors that was not turned into codes: for whatever
// level, or in a group that speaks for `level`.
inline constexpr uint64_t kMajorTextKey = 1;
uint64_t MajorTextKey(int level);

// --- Trees of codes: regions and job functions ---

// The digits that count of a region's code: 440000 -> 44, 440300 -> 4403. A
// municipality's only city (110100) is the municipality. Empty if malformed.
std::string RegionDigits(std::string_view code);
// A function's code in lower case; empty unless it has 2, 4 or 6 characters.
std::string FunctionDigits(std::string_view code);

// The row has a code at or below `digits`.
uint64_t WithinKey(std::string_view digits);
// The row has exactly this code, so what lies below is not known.
uint64_t AtKey(std::string_view digits);
// Nothing is stated, or only text that was not understood.
inline constexpr uint64_t kNotStatedKey = 1;

// `digits` and what is above it, broadest first: 44, 4403, 440305.
std::vector<std::string_view> Prefixes(std::string_view digits);

// Whether two sorted lists of keys have one in common.
bool SharesKey(std::span<const uint64_t> a, std::span<const uint64_t> b);

// --- Others ---
// The posting names provinces, schools, that may see it.
inline constexpr uint64_t kProvincesNamedKey = 1;
inline constexpr uint64_t kSchoolsNamedKey = 2;
uint64_t ProvinceKey(std::string_view two_digits);
uint64_t SchoolKey(std::string_view code);
// Of a skill as people write it: equal for "Python" and "ｐｙｔｈｏｎ ".
uint64_t SkillKey(std::string_view skill);
// Of names of postings and employers; never a small number.
uint64_t NameKey(std::string_view name);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_POSTING_KEYS_H_
