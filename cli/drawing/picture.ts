/** A graph as people draw it: boxes and arrows, without a place yet. */
export interface Picture {
  readonly title: string;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

export interface PictureNode {
  readonly id: string;
  readonly label: string;
  /** Second line, small: shapes. */
  readonly detail?: string | undefined;
  readonly kind: "input" | "draw" | "part" | "value" | "output";
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
}
