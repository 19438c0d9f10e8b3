#include "matcher/reverse/graduate_finder.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "index/feedback_store.h"
#include "index/keys.h"
#include "index/stored_embedding.h"
#include "matcher/encoder_input.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/profile_in_use.h"
#include "matcher/push/dismissed.h"
#include "matcher/push/selection.h"

namespace gradmatch {
namespace {

// Keys are hashes, so their first byte cuts them into even stretches.
constexpr size_t kStretches = 256;
constexpr size_t kGraduatesPerRead = 128;

// The posting as every graduate is held against it. Borrows the search.
struct PostingAtHand {
  AttributeRow attributes;
  Embedding embedding;
  int kind = 0;
};

bool Better(const FoundGraduate& a, const FoundGraduate& b) {
  if (a.score.score != b.score.score) return a.score.score > b.score.score;
  return a.key < b.key;
}

// Leaves the best `n`, in no order.
void KeepBest(size_t n, std::vector<FoundGraduate>& found) {
  if (found.size() <= n) return;
  std::nth_element(found.begin(), found.begin() + static_cast<ptrdiff_t>(n),
                   found.end(), Better);
  found.resize(n);
}

bool WantsKind(const v1::Graduate& graduate, int kind) {
  const auto& muted = graduate.preferences().muted_posting_kinds();
  return std::find(muted.begin(), muted.end(), kind) == muted.end();
}

// One stretch of the store's graduates. Used by one thread.
class Stretch {
 public:
  Stretch(const GraduateSources& sources, const PostingAtHand& posting,
          const GraduateSearch& search, absl::Time now,
          const RankerWeights& weights)
      : sources_(sources),
        posting_(posting),
        search_(search),
        now_(now),
        weights_(weights),
        shape_{.schema = {},
               .encoder_id = sources.catalog.options().encoder_id,
               .dimension = sources.catalog.options().dimension} {}

  absl::Status Walk(const KeyRange& range);
  FoundGraduates Take() && { return std::move(found_); }

 private:
  // One who fits, until the embedding is read.
  struct Fitting {
    std::string key;
    FeatureQuery features;
    // With the profile: its embedding is made anew.
    std::optional<v1::Profile> profile;
  };

  absl::Status Look(std::string_view key, std::string_view value);
  absl::Status ScoreFitting();
  absl::StatusOr<Embedding> EmbeddingOf(
      const Fitting& fitting, const std::optional<std::string>& stored) const;

  const GraduateSources& sources_;
  const PostingAtHand& posting_;
  const GraduateSearch& search_;
  const absl::Time now_;
  const RankerWeights& weights_;
  const IndexShape shape_;
  v1::Graduate graduate_;  // the one looked at; its memory is used again
  std::vector<Fitting> fitting_;
  FoundGraduates found_;
};

absl::Status Stretch::Walk(const KeyRange& range) {
  auto cursor = sources_.store.Scan(Family::kGraduate, range);
  for (size_t seen = 0; cursor->Valid(); cursor->Next(), ++seen) {
    if (absl::Status s = Look(cursor->key(), cursor->value()); !s.ok()) {
      return s;
    }
    if (fitting_.size() == kGraduatesPerRead) {
      if (absl::Status s = ScoreFitting(); !s.ok()) return s;
    }
    if (search_.stop && seen % kGraduatesPerRead == 0) {
      if (absl::Status s = search_.stop(); !s.ok()) return s;
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  return ScoreFitting();
}

absl::Status Stretch::Look(std::string_view key, std::string_view value) {
  const auto record = ParseRecord(value);
  if (!record.ok()) return record.status();
  if (record->head.tombstone) return absl::OkStatus();
  if (!graduate_.ParseFromString(record->payload)) {
    return absl::DataLossError("a graduate's record does not parse");
  }
  if (SelectForPush(graduate_, search_.audience, now_) != Suppression::kNone ||
      !WantsKind(graduate_, posting_.kind) ||
      (search_.in_scope && !search_.in_scope(graduate_))) {
    return absl::OkStatus();
  }
  const bool tags = !graduate_.preferences().tags().empty();
  // In place where that is the same: a copy for each costs a tenth of it all.
  if (tags) {
    *graduate_.mutable_profile() = ProfileForReaders(graduate_);
  } else {
    graduate_.mutable_profile()->clear_declarations();
  }
  const v1::Profile& profile = graduate_.profile();
  const Findings findings = CheckRow(CompileEligibility(profile, now_),
                                     RowAttributes(posting_.attributes));
  if (Overall(findings) == Verdict::kFailed) return absl::OkStatus();
  ++found_.fitting;
  Fitting& fitting = fitting_.emplace_back();
  fitting.key = std::string(key);
  fitting.features = CompileFeatures(profile, now_);
  if (tags) fitting.profile = profile;
  return absl::OkStatus();
}

absl::StatusOr<Embedding> Stretch::EmbeddingOf(
    const Fitting& fitting, const std::optional<std::string>& stored) const {
  if (fitting.profile.has_value()) {
    return EncodeProfile(sources_.encoder, *fitting.profile);
  }
  if (stored.has_value()) {
    auto embedding = ParseStoredEmbedding(*stored, shape_);
    if (embedding.has_value()) return *std::move(embedding);
  }
  // None of this encoder yet: the record is read once more.
  const auto record =
      sources_.catalog.Get(CollectionId::kGraduates, fitting.key);
  // Erased since, and left out when the page is made.
  if (absl::IsNotFound(record.status())) return Embedding();
  if (!record.ok()) return record.status();
  const auto graduate = GraduateFromRecord(*record);
  if (!graduate.ok()) return graduate.status();
  return EncodeProfile(sources_.encoder, ProfileForReaders(*graduate));
}

absl::Status Stretch::ScoreFitting() {
  std::vector<std::string> keys;
  for (const Fitting& fitting : fitting_) {
    keys.push_back(
        StoredEmbeddingKey(CollectionId::kGraduates, fitting.key, shape_));
  }
  const auto stored = sources_.store.MultiGet(Family::kEmbedding, keys);
  if (!stored.ok()) return stored.status();
  const RowAttributes row(posting_.attributes);
  for (size_t i = 0; i < fitting_.size(); ++i) {
    const auto embedding = EmbeddingOf(fitting_[i], (*stored)[i]);
    if (!embedding.ok()) return embedding.status();
    const Features features =
        PairFeatures(fitting_[i].features, *embedding, row, posting_.embedding);
    found_.best.push_back(
        {std::move(fitting_[i].key), ComputeScore(weights_, features)});
  }
  fitting_.clear();
  // Not at every read: sorting out costs as much as what it looks at.
  if (found_.best.size() > 2 * search_.max_ranked) {
    KeepBest(search_.max_ranked, found_.best);
  }
  return absl::OkStatus();
}

KeyRange StretchRange(size_t stretch) {
  KeyRange range;
  range.begin = std::string(1, static_cast<char>(stretch));
  if (stretch + 1 < kStretches) {
    range.end = std::string(1, static_cast<char>(stretch + 1));
  }
  return range;
}

absl::Status TakeOutDismissed(const Store& store, const v1::Posting& posting,
                              FoundGraduates& found) {
  const std::string key = PostingKeyOfName(posting.name()).value_or("");
  absl::Status status;
  const size_t gone = std::erase_if(found.best, [&](const FoundGraduate& one) {
    if (!status.ok()) return false;
    const auto dismissed = ReadDismissed(store, one.key);
    status = dismissed.status();
    return dismissed.ok() && IsAbout(AsLedger(*dismissed), key, posting);
  });
  found.fitting -= gone;
  return status;
}

}  // namespace

v1::Profile ProfileForReaders(const v1::Graduate& graduate) {
  v1::Profile profile = ProfileInUse(graduate);
  profile.clear_declarations();
  return profile;
}

bool IsAbout(const std::vector<LedgerLine>& lines, std::string_view posting_key,
             const v1::Posting& posting) {
  if (lines.empty()) return false;
  const std::string group = DismissalSubject(posting_key, posting);
  const uint64_t fingerprint = DuplicateFingerprint(posting);
  return std::any_of(lines.begin(), lines.end(), [&](const LedgerLine& line) {
    return line.canonical_key == group || line.canonical_key == posting_key ||
           line.entry.posting() == group ||
           line.entry.posting() == posting_key ||
           line.entry.fingerprint() == fingerprint;
  });
}

absl::StatusOr<FoundGraduates> FindGraduates(const GraduateSources& sources,
                                             const v1::Posting& posting,
                                             bool sandbox,
                                             const GraduateSearch& search,
                                             absl::Time now,
                                             const RankerWeights& weights) {
  FoundGraduates all;
  if (sandbox || !IsSearchable(posting)) return all;
  auto embedding = EncodePosting(sources.encoder, posting);
  if (!embedding.ok()) return embedding.status();
  const PostingAtHand at_hand = {
      .attributes = PostingAttributes(posting, /*sandbox=*/false),
      .embedding = *std::move(embedding),
      .kind = posting.kind()};

  std::vector<FoundGraduates> parts(kStretches);
  std::vector<absl::Status> ends(kStretches);
  ForEachChunk(search.parallel, kStretches, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      Stretch stretch(sources, at_hand, search, now, weights);
      ends[i] = stretch.Walk(StretchRange(i));
      parts[i] = std::move(stretch).Take();
      if (!ends[i].ok()) return;
    }
  });
  for (size_t i = 0; i < kStretches; ++i) {
    if (!ends[i].ok()) return ends[i];
    all.fitting += parts[i].fitting;
    std::move(parts[i].best.begin(), parts[i].best.end(),
              std::back_inserter(all.best));
    if (all.best.size() > 2 * search.max_ranked) {
      KeepBest(search.max_ranked, all.best);
    }
  }
  KeepBest(search.max_ranked, all.best);
  std::sort(all.best.begin(), all.best.end(), Better);
  absl::Status status = TakeOutDismissed(sources.store, posting, all);
  if (!status.ok()) return status;
  return all;
}

}  // namespace gradmatch
