#include "index/feedback_store.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

// Keys are not named in errors: they hold pseudonyms.
template <typename Message>
absl::StatusOr<Message> Parse(std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("stored feedback does not parse");
  }
  return message;
}

FeedbackOutcome Compare(const v1::StoredFeedback& known,
                        const v1::StoredFeedback& told) {
  return known.type() == told.type() && known.posting() == told.posting() &&
                 known.content() == told.content()
             ? FeedbackOutcome::kUnchanged
             : FeedbackOutcome::kConflict;
}

void Put(const FeedbackLine& line, std::string key, WriteBatch& batch) {
  batch.Put(Family::kFeedback, std::move(key), line.event.SerializeAsString());
  if (line.dismissed_subject.empty()) return;
  v1::StoredDismissal dismissal;
  dismissal.set_subject(line.event.posting().empty() ? line.event.content()
                                                     : line.event.posting());
  dismissal.set_fingerprint(line.fingerprint);
  dismissal.set_time_micros(line.event.event_time_micros());
  batch.Put(Family::kFeedback,
            DismissalKey(line.graduate_key, line.dismissed_subject),
            dismissal.SerializeAsString());
}

}  // namespace

absl::StatusOr<std::vector<FeedbackOutcome>> FeedbackStore::Record(
    std::span<const FeedbackLine> lines, const Also& also) {
  std::vector<std::string> keys;
  for (const FeedbackLine& line : lines) {
    keys.push_back(FeedbackKey(line.graduate_key, line.event_id));
  }
  MutexLock lock(mu_);
  auto stored = store_.MultiGet(Family::kFeedback, keys);
  if (!stored.ok()) return stored.status();
  WriteBatch batch;
  std::vector<FeedbackOutcome> outcomes;
  std::map<std::string_view, const v1::StoredFeedback*> earlier;
  for (size_t i = 0; i < lines.size(); ++i) {
    if ((*stored)[i].has_value()) {
      auto known = Parse<v1::StoredFeedback>(*(*stored)[i]);
      if (!known.ok()) return known.status();
      outcomes.push_back(Compare(*known, lines[i].event));
      continue;
    }
    const auto [it, added] = earlier.try_emplace(keys[i], &lines[i].event);
    if (!added) {
      outcomes.push_back(Compare(*it->second, lines[i].event));
      continue;
    }
    Put(lines[i], keys[i], batch);
    outcomes.push_back(FeedbackOutcome::kRecorded);
  }
  if (also) batch.Append(also(outcomes));
  if (batch.empty()) return outcomes;
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return outcomes;
}

absl::StatusOr<std::vector<DismissedLine>> ReadDismissed(
    const Store& store, std::string_view graduate_key) {
  const std::string prefix = DismissalPrefix(graduate_key);
  std::vector<DismissedLine> lines;
  const auto cursor = store.Scan(Family::kFeedback, PrefixRange(prefix));
  for (; cursor->Valid(); cursor->Next()) {
    auto dismissal = Parse<v1::StoredDismissal>(cursor->value());
    if (!dismissal.ok()) return dismissal.status();
    lines.push_back({std::string(cursor->key().substr(prefix.size())),
                     *std::move(dismissal)});
  }
  if (!cursor->status().ok()) return cursor->status();
  return lines;
}

}  // namespace gradmatch
