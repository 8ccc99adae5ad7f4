"""The language server: the same findings as `hslint check`, in the editor, from unsaved text. The only package that imports pygls."""
