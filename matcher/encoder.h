#ifndef GRADMATCH_MATCHER_ENCODER_H_
#define GRADMATCH_MATCHER_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace gradmatch {

// Identity of an encoder. Embeddings of different ids are never compared.
struct EncoderInfo {
  std::string id;  // "hash-1.<12 hex digits of its parameters>"; fit for keys
  uint32_t dimension = 0;  // multiple of 32
  uint32_t max_chars = 0;  // bytes of one field that are read; the rest is not
};

// What the text describes. An encoder may treat the two differently.
enum class Side { kProfile, kPosting };

// A code of a catalogue; see index/codes/code_table.h for the systems.
struct EncoderCode {
  std::string_view system;
  std::string_view code;
};

// The text of one posting or profile by field, as people wrote it: the encoder
// normalises. Any field may be empty. What must not decide (sex, ethnicity,
// hukou, school, hardship) does not belong here and is dropped if it appears.
// All views are borrowed for the call.
struct EncoderInput {
  std::string_view title;         // posting's title; profile's wanted titles
  std::string_view description;   // duties; a profile's own text
  std::string_view requirements;  // what a posting asks for
  std::string_view skills;        // separated by any punctuation
  std::string_view majors;        // majors as text
  std::string_view functions;     // job functions as text
  std::span<const EncoderCode> major_codes;  // undergraduate or gd2025-*
  std::span<const std::string_view> function_codes;  // system `function`
};

// Makes embeddings: rows of unit length whose inner product is the similarity.
// Thread-safe, and deterministic: the same input gives the same bits whatever
// else is in the call.
class Encoder {
 public:
  virtual ~Encoder() = default;

  virtual const EncoderInfo& info() const = 0;

  // Row i of `out` (dimension floats) becomes the embedding of input[i].
  // An input without a single usable feature gets a row of zeros, which is
  // similar to nothing (inner product 0); IsEmptyEmbedding tells.
  // InvalidArgument if `out` is not input.size() x dimension, or if a field is
  // not UTF-8 (input number, field and byte offset named); `out` is then
  // unspecified.
  virtual absl::Status Encode(std::span<const EncoderInput> input, Side side,
                              std::span<float> out) const = 0;
};

// True if `row` is the answer to an input without usable features.
bool IsEmptyEmbedding(std::span<const float> row);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_ENCODER_H_
