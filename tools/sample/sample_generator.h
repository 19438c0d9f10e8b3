#ifndef GRADMATCH_TOOLS_SAMPLE_SAMPLE_GENERATOR_H_
#define GRADMATCH_TOOLS_SAMPLE_SAMPLE_GENERATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/source.pb.h"
#include "tools/sample/world.h"

namespace gradmatch {

struct SampleOptions {
  int64_t postings = 2'000;
  int64_t graduates = 5'000;
  int64_t contents = 400;  // policies, news, events and courses alike
  uint64_t seed = 1;
  // "Today" of the sample: postings were published before it and expire after.
  absl::CivilDay base_date;
};
absl::Status Validate(const SampleOptions& options);

// A synthetic posting and where it goes.
struct SamplePosting {
  size_t source = 0;  // place in World::sources
  v1::Posting posting;
};

// Makes synthetic postings, graduates and content with a nation's marginals.
// Every record is a pure function of (options, its number), so any part can be
// made alone, by any number of threads, with the same bytes. About a third of
// the postings state everything as text, without a code; about one in twelve is
// another source's posting again; a few break the rules of screening on
// purpose.
class SampleGenerator {
 public:
  static absl::StatusOr<std::unique_ptr<SampleGenerator>> Create(
      const SampleOptions& options);

  const SampleOptions& options() const { return options_; }
  const World& world() const { return world_; }

  v1::Source Source(size_t place) const;
  SamplePosting Posting(int64_t number) const;
  v1::Graduate Graduate(int64_t number) const;
  // Events offer some of the sample's first postings, where it has any.
  v1::Content Content(int64_t number) const;

 private:
  SampleGenerator(const SampleOptions& options, World world)
      : options_(options), world_(std::move(world)) {}

  const SampleOptions options_;
  const World world_;
};

// What was written.
struct SampleFiles {
  std::string sources;                // sources.jsonl
  std::vector<std::string> postings;  // postings/<source id>.jsonl
  std::string graduates;              // graduates.jsonl
  std::string contents;               // contents.jsonl
};

// Streams the sample into `folder` (made if absent), a line of protobuf JSON a
// record, and a README.txt that says it is synthetic. `progress` is called now
// and then with records done and in all. Existing files are replaced.
absl::StatusOr<SampleFiles> WriteSample(
    const SampleGenerator& generator, const std::string& folder,
    const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_SAMPLE_SAMPLE_GENERATOR_H_
