#ifndef GRADMATCH_MATCHER_INGEST_FIELD_CHECKS_H_
#define GRADMATCH_MATCHER_INGEST_FIELD_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/sync.pb.h"

namespace gradmatch {

// Makes the error of one field with its Chinese sentence; the value is cut to
// 100 characters.
v1::RowError MakeRowError(std::string_view reason, std::string_view field,
                          std::string_view value, std::string_view allowed,
                          std::string_view nearest = "");
// What is wrong with a revision that the catalog would not take.
std::optional<v1::RowError> CheckRevision(int64_t revision);
v1::Issue MakeIssue(std::string_view code, std::string_view field,
                    std::string_view value, std::string_view message);

// Number of Unicode characters of well-formed UTF-8.
size_t CountCharacters(std::string_view text);
// Line breaks and the like, which the name of something cannot have.
bool HasControlCharacters(std::string_view text);
// The first `max` characters; "…" behind them if there are more.
std::string CutCharacters(std::string_view text, size_t max);

// Collects what is wrong with a record, field by field; at most 10 errors.
// Quotes codes and numbers, never free text, so that it serves people's records
// as well.
class FieldChecks {
 public:
  bool ok() const { return errors_.empty(); }
  std::vector<v1::RowError> Take() { return std::move(errors_); }

  void Fail(std::string_view reason, std::string_view field,
            std::string_view value, std::string_view allowed,
            std::string_view nearest = "");

  // Every string field of the message at any depth is UTF-8.
  void Utf8(const google::protobuf::Message& message);
  void Required(std::string_view field, std::string_view text);
  void Length(std::string_view field, std::string_view text, size_t max_chars);
  // The same, and no control characters: a name, a tag, a code. The text itself
  // is not quoted.
  void Line(std::string_view field, std::string_view text, size_t max_chars);
  void Count(std::string_view field, int64_t count, int64_t max);
  void Range(std::string_view field, int64_t value, int64_t min, int64_t max);
  // A valid protobuf timestamp of the years 1990 to 2100.
  void Time(std::string_view field, const google::protobuf::Timestamp& time);
  // A code that is given is known to one of `systems`, or was until another
  // took its place; the first system may go unnamed when it is the only one.
  // Display at most 200 characters.
  void Code(std::string_view field, const v1::Code& code,
            std::span<const std::string_view> systems);
  // The value is one the enumeration has.
  void Enum(std::string_view field, int value, bool valid,
            std::string_view allowed);

 private:
  void CheckUtf8(const google::protobuf::Message& message,
                 const std::string& prefix);

  std::vector<v1::RowError> errors_;
};

// "locations[3].region"
std::string Indexed(std::string_view list, int index,
                    std::string_view field = "");

inline constexpr std::string_view kRegionSystems[] = {"region"};
inline constexpr std::string_view kFunctionSystems[] = {"function"};
inline constexpr std::string_view kIndustrySystems[] = {"industry"};
inline constexpr std::string_view kSchoolSystems[] = {"school"};
// Systems of majors: MajorSystemNames() of index/codes/code_registry.h.

// Writes the code as its table has it ("44" is 440000), with the system it was
// left without and the table's name where no display is given. A former code
// becomes the one that took its place, with its name, and true is returned.
// Only for codes that Code() accepts.
bool CompleteCode(v1::Code& code, std::span<const std::string_view> systems);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_FIELD_CHECKS_H_
