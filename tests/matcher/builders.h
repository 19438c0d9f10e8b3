#ifndef GRADMATCH_TESTS_MATCHER_BUILDERS_H_
#define GRADMATCH_TESTS_MATCHER_BUILDERS_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/snapshot.h"
#include "matcher/encoder.h"

namespace gradmatch {

// Noon of 2026-11-22 in China: the "now" of the matcher's tests.
absl::Time TestNow();

v1::Code MakeCode(std::string_view system, std::string_view code,
                  std::string_view display = "");

// An open posting without any requirement, called sources/s/postings/{id}.
v1::Posting OpenPosting(std::string_view id = "p1");
// A posting with one group of accepted majors.
v1::Posting PostingForMajors(std::string_view system,
                             const std::vector<std::string>& codes,
                             const std::vector<int>& levels = {});

void AddEducation(v1::Profile& profile, int level,
                  std::string_view major_system = "",
                  std::string_view major_code = "", int graduation_year = 0);
// A bachelor of 080901 (计算机科学与技术) who graduates in 2026.
v1::Profile Bachelor();
v1::Graduate ActiveGraduate(const v1::Profile& profile);

// Counts the bytes and pairs of bytes of all fields: alike texts get alike
// embeddings. Dimension 32. Codes count as text.
class FakeEncoder : public Encoder {
 public:
  const EncoderInfo& info() const override { return info_; }
  absl::Status Encode(std::span<const EncoderInput> input, Side side,
                      std::span<float> out) const override;

 private:
  const EncoderInfo info_ = {"fake-1", 32, 1 << 20};
};

// A snapshot of `postings`, cut into segments of at most `segment_rows`.
std::shared_ptr<const Snapshot> SnapshotOf(
    std::span<const v1::Posting> postings, size_t segment_rows = 1 << 20,
    bool sandbox = false);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_MATCHER_BUILDERS_H_
