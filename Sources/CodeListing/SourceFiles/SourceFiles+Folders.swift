public import ProfileModel

extension SourceFiles {
    /// More folders than this are not looked through for each source that is not where the profile says.
    private static let folderLimit = 8

    /// The folders of the files that `profile` was measured in, the main program's first: a program is often beside its sources, or
    /// above them, also on a machine that it was copied to. Those of the system's libraries are left out.
    public static func foldersOfPrograms(in profile: Profile) -> [String] {
        var folders: [String] = []
        for mapping in profile.mappings {
            let path = profile.string(mapping.filename)
            guard path.hasPrefix("/"), !path.hasPrefix("//"), let slash = path.lastIndex(of: "/") else { continue }
            let folder = slash == path.startIndex ? "/" : String(path[..<slash])
            if folders.contains(folder) || systemFolders.contains(where: { (folder + "/").hasPrefix($0) }) { continue }
            folders.append(folder)
            if folders.count == folderLimit { break }
        }
        return folders
    }

    /// Where programs and libraries are installed, far from their sources.
    private static let systemFolders = [
        "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/dev/",
        "/memfd:",
    ]
}
