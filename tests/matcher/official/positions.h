#ifndef GRADMATCH_TESTS_MATCHER_OFFICIAL_POSITIONS_H_
#define GRADMATCH_TESTS_MATCHER_OFFICIAL_POSITIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "server/feed/posting_mapping.h"
#include "tests/matcher/official/position_oracle.h"

namespace gradmatch {

// Rows of a file of official positions, read twice: as cells for the oracle,
// and as postings by the feed and ingest, as an import makes them.
struct OfficialPositions {
  std::vector<oracle::Cells> cells;
  std::vector<v1::Posting> postings;  // the same rows, normalised and open
  int rejected = 0;                   // rows that ingest would not take
  int entries = 0;                    // of lists of majors and conditions
  std::vector<std::string> unread;    // those kept as text
};
OfficialPositions ReadPositions(const std::string& path, absl::Time receipt);

// ../shared/data/eligibility/guangdong_positions_2025.tsv.gz; empty if absent.
std::string RealPositionsPath();

oracle::Catalogue LoadCatalogue();

// A made-up graduate; half of the majors are accepted by some of the positions.
oracle::Person RandomPerson(uint32_t seed, const oracle::Catalogue& catalogue,
                            const std::vector<oracle::Cells>& positions);
// The same graduate as a profile.
v1::Profile ProfileOf(const oracle::Person& person, absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_MATCHER_OFFICIAL_POSITIONS_H_
