#ifndef GRADMATCH_MATCHER_HASH_ENCODER_H_
#define GRADMATCH_MATCHER_HASH_ENCODER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "matcher/encoder.h"

namespace gradmatch {

// All of these change results, so all of them are part of the encoder's id.
struct HashEncoderOptions {
  // Length of an embedding: a multiple of 32, from 32 to 4096.
  uint32_t dimension = 256;
  // Places a word is added to, each with its own sign. More: less noise
  // from two features that meet in one place, slower. 1 to 16.
  uint32_t places = 4;
  // Bytes of a field that are read; longer text is cut at a character. At
  // least 64.
  uint32_t max_chars = 8192;

  // Weight of a word by the field it stands in, before the words of all fields
  // are scaled to length 1 together.
  float title = 3.0f;
  float description = 1.0f;
  float requirements = 1.0f;
  float skills = 1.5f;
  // Length of the codes beside the words' 1: the majors asked for or studied,
  // and the job functions stated, found in the title, or typical of a major.
  float major_codes = 0.5f;
  float function_codes = 0.8f;
};

// The encoder that needs no training: signed hashing of words with
// (1 + ln tf) and field weights, plus rows for majors (08, 0809, 080901) and
// job functions (levels 1 to 3). On the profile side a major also brings the
// functions its graduates typically enter (data/major_functions.tsv), so that
// a major meets titles that never name it.
// InvalidArgument names the option, the value seen and what is allowed.
absl::StatusOr<std::unique_ptr<Encoder>> NewHashEncoder(
    const HashEncoderOptions& options = {});

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_HASH_ENCODER_H_
