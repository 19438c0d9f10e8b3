#ifndef GRADMATCH_TOOLS_SAMPLE_CONTENT_MAKER_H_
#define GRADMATCH_TOOLS_SAMPLE_CONTENT_MAKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "gradmatch/v1/content.pb.h"
#include "tools/sample/random.h"
#include "tools/sample/world.h"

namespace gradmatch {

// Content `number`, drawn from `random`: of four, one policy, one piece of
// news, one event and one course. `postings` are names of postings that events
// may offer.
v1::Content MakeSampleContent(const World& world, absl::CivilDay base_date,
                              int64_t number,
                              const std::vector<std::string>& postings,
                              SampleRandom& random);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_SAMPLE_CONTENT_MAKER_H_
