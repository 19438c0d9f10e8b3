#ifndef GRADMATCH_TESTS_SUPPORT_REAL_POSTINGS_H_
#define GRADMATCH_TESTS_SUPPORT_REAL_POSTINGS_H_

#include <map>
#include <string>
#include <vector>

namespace gradmatch {

// One posting of ../shared/data as its board gave it: key to value. Numbers and
// booleans stand as their text; null is left out.
using RealPosting = std::map<std::string, std::string>;

// The first `limit` rows of ../shared/data/postings/jobs_dev.jsonl.gz (all of
// them if 0). Ends the program with a message if the file is not there: tests
// that call this are registered only where it is.
std::vector<RealPosting> ReadRealPostings(size_t limit = 0);

// Value of `key`, empty if there is none.
const std::string& Field(const RealPosting& posting, const std::string& key);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SUPPORT_REAL_POSTINGS_H_
