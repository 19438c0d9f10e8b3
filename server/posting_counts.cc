#include "server/posting_counts.h"

#include <utility>

#include "absl/time/clock.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace gradmatch {

v1::Posting::State StateOfPayload(std::string_view payload) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(payload.data()),
      static_cast<int>(payload.size()));
  uint32_t state = 0;
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) ==
        v1::Posting::kStateFieldNumber) {
      if (!in.ReadVarint32(&state)) break;
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      break;
    }
  }
  return static_cast<v1::Posting::State>(state);
}

absl::StatusOr<StateCounts> CountPostings(
    const Catalog& catalog, KeyRange range,
    const std::function<absl::Status()>& stop) {
  constexpr size_t kStep = 1'000;
  StateCounts counts;
  while (true) {
    if (absl::Status s = stop ? stop() : absl::OkStatus(); !s.ok()) return s;
    auto records = catalog.List(CollectionId::kPostings, range, kStep);
    if (!records.ok()) return records.status();
    for (const auto& [key, record] : *records) {
      ++counts[v1::Posting::State_Name(StateOfPayload(record.payload))];
    }
    if (records->size() < kStep) return counts;
    range.begin = records->back().first + '\0';
  }
}

absl::StatusOr<StateCounts> PostingCounts::Get(
    uint64_t generation,
    const std::function<absl::StatusOr<StateCounts>()>& count) {
  constexpr absl::Duration kQuick = absl::Milliseconds(50);
  const absl::Time begin = absl::Now();
  {
    MutexLock lock(mu_);
    const bool fresh = counted_ && generation == generation_;
    if (counting_ || fresh || begin < next_) return counts_;
    counting_ = true;
  }
  absl::StatusOr<StateCounts> counts = count();
  const absl::Time end = absl::Now();
  MutexLock lock(mu_);
  counting_ = false;
  if (!counts.ok()) return counts;
  counted_ = true;
  generation_ = generation;
  counts_ = *counts;
  next_ = end - begin < kQuick ? begin : end + 20 * (end - begin);
  return counts;
}

}  // namespace gradmatch
