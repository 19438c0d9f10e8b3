#include "server/posting_counts.h"

#include <utility>

#include "absl/time/clock.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "gradmatch/v1/graduate.pb.h"
#include "index/keys.h"

namespace gradmatch {

namespace {

// An enum's value in a serialised message, without parsing the rest; 0 when it
// is not there.
int EnumOf(std::string_view payload, int field) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(payload.data()),
      static_cast<int>(payload.size()));
  uint32_t value = 0;
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) == field) {
      if (!in.ReadVarint32(&value)) break;
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      break;
    }
  }
  return static_cast<int>(value);
}

absl::StatusOr<StateCounts> CountRecords(
    const Catalog& catalog, CollectionId collection, KeyRange range,
    const std::function<absl::Status()>& stop,
    const std::function<std::string(std::string_view payload)>& name) {
  constexpr size_t kStep = 1'000;
  StateCounts counts;
  while (true) {
    if (absl::Status s = stop ? stop() : absl::OkStatus(); !s.ok()) return s;
    auto records = catalog.List(collection, range, kStep);
    if (!records.ok()) return records.status();
    for (const auto& [key, record] : *records) {
      ++counts[name(record.payload)];
    }
    if (records->size() < kStep) return counts;
    range.begin = records->back().first + '\0';
  }
}

}  // namespace

v1::Posting::State StateOfPayload(std::string_view payload) {
  return static_cast<v1::Posting::State>(
      EnumOf(payload, v1::Posting::kStateFieldNumber));
}

absl::StatusOr<StateCounts> CountPostings(
    const Catalog& catalog, KeyRange range,
    const std::function<absl::Status()>& stop) {
  return CountRecords(catalog, CollectionId::kPostings, std::move(range), stop,
                      [](std::string_view payload) {
                        return v1::Posting::State_Name(StateOfPayload(payload));
                      });
}

absl::StatusOr<StateCounts> CountGraduates(const Catalog& catalog) {
  return CountRecords(catalog, CollectionId::kGraduates, {}, nullptr,
                      [](std::string_view payload) {
                        return v1::Graduate::Lifecycle_Name(
                            static_cast<v1::Graduate::Lifecycle>(EnumOf(
                                payload, v1::Graduate::kLifecycleFieldNumber)));
                      });
}

absl::StatusOr<StateCounts> CountQuarantined(const Store& store) {
  StateCounts counts;
  const auto cursor = store.Scan(Family::kQuarantine, {});
  for (; cursor->Valid(); cursor->Next()) {
    const auto parts = ParsePostingKey(cursor->key());
    if (parts.has_value()) ++counts[std::string(parts->source_id)];
  }
  if (!cursor->status().ok()) return cursor->status();
  return counts;
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
