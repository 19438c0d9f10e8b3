#ifndef GRADMATCH_MATCHER_REVERSE_GRADUATE_FINDER_H_
#define GRADMATCH_MATCHER_REVERSE_GRADUATE_FINDER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/catalog.h"
#include "index/push_store.h"
#include "index/store.h"
#include "matcher/candidate_ranker.h"
#include "matcher/encoder.h"
#include "matcher/ingest/ingest.h"

namespace gradmatch {

// Which graduates fit a posting: the reverse of matching, for people who help
// graduates. Every graduate in the store is looked at, so the answer is exact,
// as of the moment each record is read: whoever opted out before is not in it.
// The records are read in key order, in stretches over the threads of
// `parallel`; what is kept of each is a score.

// Whether a graduate may be seen by whoever asks; called from several threads.
using GraduateFilter = std::function<bool(const v1::Graduate&)>;

struct GraduateSearch {
  v1::Audience audience;    // empty: every graduate
  GraduateFilter in_scope;  // empty: every graduate
  // Longest ranked list.
  size_t max_ranked = 1000;
  // Asked now and then, from several threads; may be empty.
  StopCheck stop;
  ParallelFor parallel;
};

struct FoundGraduate {
  std::string key;  // GraduateKey
  Score score;      // of the pair, as ExplainMatch gives it
};

struct FoundGraduates {
  // Best first, ties by key: keys are keyed hashes, so nobody is first for the
  // sake of a name.
  std::vector<FoundGraduate> best;
  // How many fit in all. Those past `best` who dismissed the posting count.
  size_t fitting = 0;
};

// What is read; borrowed.
struct GraduateSources {
  const Store& store;
  const Catalog& catalog;
  const Encoder& encoder;
};

// Graduates whom a push could reach (selection.h: not placed, paused, opted
// out, frozen, with push and personalisation on), in audience and scope, who
// want the posting's kind, who did not dismiss it, and who are not ruled out.
// Nobody for a posting that is not open, and for one of a sandbox source.
// Deterministic: the same data give the same answer however many threads.
absl::StatusOr<FoundGraduates> FindGraduates(
    const GraduateSources& sources, const v1::Posting& posting, bool sandbox,
    const GraduateSearch& search, absl::Time now,
    const RankerWeights& weights = DefaultWeights());

// What of a record a reader's answer may depend on: the profile in use without
// what is declared for official posts. Were that looked at, a posting that asks
// for a sex or a party would tell readers who is what; so such conditions are
// open for everybody.
v1::Profile ProfileForReaders(const v1::Graduate& graduate);

// Whether the graduate was told about the posting, or dismissed it: a line of
// the ledger (or AsLedger of dismissals) is about it or its duplicates.
bool IsAbout(const std::vector<LedgerLine>& lines, std::string_view posting_key,
             const v1::Posting& posting);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_REVERSE_GRADUATE_FINDER_H_
