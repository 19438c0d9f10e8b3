#ifndef GRADMATCH_TESTS_LAYERING_H_
#define GRADMATCH_TESTS_LAYERING_H_

#include <filesystem>
#include <string>
#include <vector>

namespace gradmatch {

// Reads the #include lines of every .h and .cc below `root`'s source folders
// and returns one sentence for each that breaks a rule, in path order:
//  - layers include one way: proto <- index <- matcher <- server <- tools <-
//    benchmarks; tests may include everything, benchmarks the fakes of tests;
//  - a foreign library's headers appear in one pair of files only;
//  - index and matcher know no gRPC and no command-line flags;
//  - nobody includes absl::Mutex; index and matcher read the wall clock in
//    index/base/clock.h only;
//  - an include guard is named after its path; no file has over 500 lines.
// `files_seen` (may be null) gets the number of files read.
std::vector<std::string> FindLayeringProblems(const std::filesystem::path& root,
                                              int* files_seen);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_LAYERING_H_
