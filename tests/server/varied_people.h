#ifndef GRADMATCH_TESTS_SERVER_VARIED_PEOPLE_H_
#define GRADMATCH_TESTS_SERVER_VARIED_PEOPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"

namespace gradmatch {

// Graduates g-0, g-1, ... of several majors, levels, years and wishes, some of
// whom left the service in one way or another. The same seed gives the same.
std::vector<v1::Graduate> VariedGraduates(int count, uint32_t seed);

// Postings that ask for little, for a major, for a degree, for a year.
std::vector<v1::Posting> VariedPostings();

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_VARIED_PEOPLE_H_
