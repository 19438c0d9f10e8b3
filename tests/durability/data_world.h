#ifndef GRADMATCH_TESTS_DURABILITY_DATA_WORLD_H_
#define GRADMATCH_TESTS_DURABILITY_DATA_WORLD_H_

#include <map>
#include <string>
#include <vector>

#include "tests/server/test_server.h"

namespace gradmatch {

// A data folder as the service writes it, and everything that can be seen of
// one. For tests that damage a folder and open it again; every function starts
// threads, so whoever forks calls them in the child.

// Where a world lies: the data folder and, apart from it, the file of keys.
struct WorldPaths {
  std::string data;
  std::string seal_keys;
};
TestServer::Settings SettingsOf(const WorldPaths& paths);

// Graduates, postings, contents, staff, a push run with its ledger, sealed
// flags, erasures, codes, feedback and their audit, made over the API in two
// sessions; tables, a log and a copy made by a recovery are in the folder.
// `variant` makes other contents.
void MakeWorld(const WorldPaths& paths, int variant);

// More postings and graduates, until there are two logs that are both needed;
// ends without closing anything, as a kill would. Does not return.
[[noreturn]] void GrowWorldAndDie(const WorldPaths& paths);

// One thing that can be asked: a family of the store, a method of the API.
struct DumpSection {
  std::vector<std::string> lines;
  std::string error;  // how it ended, empty when it was whole
};
struct Dump {
  // Why the folder was not opened; empty when it was.
  std::string refusal;
  std::map<std::string, DumpSection> sections;
  // Lines of the server's log at levels warning and error.
  std::vector<std::string> warnings;
};

// Opens the folder with a server and reads all there is, by the store and by
// the API. Equal folders give equal dumps.
Dump ReadWorld(const WorldPaths& paths);

std::string ToText(const Dump& dump);
Dump DumpFromText(const std::string& text);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_DATA_WORLD_H_
