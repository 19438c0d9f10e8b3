#ifndef GRADMATCH_TOOLS_SAMPLE_POSTING_MAKER_H_
#define GRADMATCH_TOOLS_SAMPLE_POSTING_MAKER_H_

#include <cstdint>

#include "absl/time/civil_time.h"
#include "tools/sample/random.h"
#include "tools/sample/sample_generator.h"
#include "tools/sample/world.h"

namespace gradmatch {

// Posting `number`, drawn from `random`.
SamplePosting MakeSamplePosting(const World& world, absl::CivilDay base_date,
                                int64_t number, SampleRandom& random);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_SAMPLE_POSTING_MAKER_H_
