#include "server/posting_counts.h"

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

absl::StatusOr<std::map<std::string, int64_t>> PostingCounts::Get(
    const Catalog& catalog) {
  constexpr size_t kStep = 1'000;
  MutexLock lock(mu_);
  const uint64_t generation = catalog.CurrentSnapshot()->generation();
  if (counted_ && generation == generation_) return counts_;
  std::map<std::string, int64_t> counts;
  KeyRange range;
  while (true) {
    auto records = catalog.List(CollectionId::kPostings, range, kStep);
    if (!records.ok()) return records.status();
    for (const auto& [key, record] : *records) {
      ++counts[v1::Posting::State_Name(StateOfPayload(record.payload))];
    }
    if (records->size() < kStep) break;
    range.begin = records->back().first + '\0';
  }
  generation_ = generation;
  counted_ = true;
  counts_ = std::move(counts);
  return counts_;
}

}  // namespace gradmatch
